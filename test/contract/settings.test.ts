import { describe, expect, it } from 'vitest';
import { isPercent, readSettings } from '../../lambda/contract/read-settings.ts';
import { type SettingName, settingDeclarations } from '../../lambda/contract/settings.ts';
import { SyncError } from '../../lambda/errors.ts';

type Environment = Record<string, string | undefined>;
const read = (environment: Environment, flags: Partial<Record<SettingName, string>> = {}, required: readonly SettingName[] = []) =>
  readSettings({ flags, environment }, required);

/** The lines of the error, none where there is no error. */
function problemsOf(environment: Environment, flags: Partial<Record<SettingName, string>> = {}, required: readonly SettingName[] = []) {
  try {
    read(environment, flags, required);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError);
    expect((error as SyncError).kind).toBe('configuration');
    return (error as SyncError).message.split('\n');
  }
}

const defaults = {
  targetsUri: undefined,
  outputUri: undefined,
  secretId: undefined,
  accessToken: undefined,
  baseUrl: 'https://app.launchdarkly.com',
  maxRequestsPerSecond: 10,
  maxConcurrentRequests: 4,
  maxAttempts: 6,
  requestTimeoutMs: 20_000,
  maxRunSeconds: undefined,
  maxFailedPercent: 20,
  maxShrinkPercent: 50,
  maintainerDetails: 'keep',
};

describe('settings', () => {
  it('have the defaults of the contract', () => {
    expect(read({})).toStrictEqual(defaults);
  });

  it('are declared under the names of the contract', () => {
    expect(Object.values(settingDeclarations).map(({ variable, flag, default: fallback }) => [variable, flag, fallback])).toEqual([
      ['TARGETS_URI', '--targets', null],
      ['OUTPUT_URI', '--output', null],
      ['ACCESS_TOKEN_SECRET_ID', null, null],
      ['LAUNCHDARKLY_ACCESS_TOKEN', null, null],
      ['LAUNCHDARKLY_BASE_URL', '--base-url', 'https://app.launchdarkly.com'],
      ['MAX_REQUESTS_PER_SECOND', '--max-requests-per-second', '10'],
      ['MAX_CONCURRENT_REQUESTS', '--max-concurrent-requests', '4'],
      ['MAX_ATTEMPTS', '--max-attempts', '6'],
      ['REQUEST_TIMEOUT_MS', '--request-timeout-ms', '20000'],
      ['MAX_RUN_SECONDS', '--max-run-seconds', null],
      ['MAX_FAILED_PERCENT', '--max-failed-percent', '20'],
      ['MAX_SHRINK_PERCENT', '--max-shrink-percent', '50'],
      ['MAINTAINER_DETAILS', '--maintainer-details', 'keep'],
    ]);
  });

  it('come from flags before the environment', () => {
    const environment = { MAX_ATTEMPTS: '2', OUTPUT_URI: './a', MAINTAINER_DETAILS: 'omit' };
    expect(read(environment, { maxAttempts: '3', maintainerDetails: 'hash' })).toStrictEqual({
      ...defaults,
      maxAttempts: 3,
      outputUri: './a',
      maintainerDetails: 'hash',
    });
  });

  it('that are empty are not set', () => {
    const empty = Object.fromEntries(Object.values(settingDeclarations).map(({ variable }) => [variable, '']));
    expect(read(empty)).toStrictEqual(defaults);
    expect(read({ MAX_ATTEMPTS: '2' }, { maxAttempts: '' }).maxAttempts).toBe(2);
    expect(problemsOf(empty, {}, ['targetsUri', 'outputUri', 'accessToken'])).toHaveLength(3);
  });

  it('are all reported at once, each by its name and with the value got', () => {
    const environment = { MAX_ATTEMPTS: '0', MAX_RUN_SECONDS: 'soon', MAINTAINER_DETAILS: 'Hash', LAUNCHDARKLY_BASE_URL: 'ftp://x' };
    const problems = problemsOf(environment, { maxConcurrentRequests: '65' }, ['targetsUri', 'outputUri', 'accessToken']);
    const expected: [string, string][] = [
      ['LAUNCHDARKLY_BASE_URL', '"ftp://x"'],
      ['--max-concurrent-requests', '"65"'],
      ['MAX_ATTEMPTS', '"0"'],
      ['MAX_RUN_SECONDS', '"soon"'],
      ['MAINTAINER_DETAILS', '"Hash"'],
      ['--targets or TARGETS_URI', 'missing'],
      ['--output or OUTPUT_URI', 'missing'],
      ['LAUNCHDARKLY_ACCESS_TOKEN or ACCESS_TOKEN_SECRET_ID', 'missing'],
    ];
    expect(problems).toHaveLength(expected.length);
    expected.forEach(([name, value], index) => {
      expect(problems[index]).toMatch(new RegExp(`^${name} is .*`));
      expect(problems[index]).toContain(value);
    });
  });

  it('are reported together with problems found elsewhere', () => {
    const read = () => readSettings({ flags: {}, environment: { MAX_ATTEMPTS: 'x' } }, [], ['unknown flag "--y"']);
    expect(read).toThrow(/^unknown flag "--y"\nMAX_ATTEMPTS is "x"/);
  });
});

describe('the range of', () => {
  it.each<[SettingName, string[], string[]]>([
    ['maxRequestsPerSecond', ['0.1', '1000', '2.5', '0.000001'], ['0', '0.0', '1000.1', '-1', 'Infinity', '1e2', '0x10', 'ten', ' ']],
    ['maxConcurrentRequests', ['1', '64'], ['0', '65', '1.5', '-1', '1.0']],
    ['maxAttempts', ['1', '20'], ['0', '21', '2.5']],
    ['requestTimeoutMs', ['100', '300000'], ['99', '300001', '100.5']],
    ['maxRunSeconds', ['1', '31536000'], ['0', '31536001', '1.5']],
    ['maxFailedPercent', ['0', '100', '0.5', '99.9'], ['-1', '100.1', '20%', 'NaN']],
    ['maxShrinkPercent', ['0', '100', '33.3'], ['-0.1', '101', '1,5']],
    ['maintainerDetails', ['keep', 'hash', 'omit'], ['KEEP', 'none', 'hash ']],
  ])('%s holds', (name, inside, outside) => {
    const { variable } = settingDeclarations[name];
    expect(inside.map((value) => String(read({ [variable]: value })[name]))).toEqual(inside.map((value) => String(Number(value) || value)));
    for (const value of outside) {
      const problems = problemsOf({ [variable]: value });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`${variable} is ${JSON.stringify(value)}`);
    }
  });

  it('a percentage in an event is the same, as a number', () => {
    expect([0, 0.5, 100].map(isPercent)).toEqual([true, true, true]);
    expect([-0.1, 100.1, Number.NaN, '20', null, undefined, [5]].map(isPercent)).toEqual(Array(7).fill(false));
  });

  it.each(['a', './tables', '/a/b', 'C:\\tables', 's3://bucket', 's3://my.bucket-1/a/b'])('a location takes in %s', (uri) => {
    expect(read({ OUTPUT_URI: uri, TARGETS_URI: uri })).toMatchObject({ outputUri: uri, targetsUri: uri });
  });

  it.each(['https://bucket.s3.amazonaws.com/x', 'file:///x', 's3://', 's3://UPPER/x', 's3://ab', 's3:///x', 'S3://bucket'])(
    'a location leaves out %s',
    (uri) => {
      expect(problemsOf({ OUTPUT_URI: uri })).toEqual([expect.stringContaining(`OUTPUT_URI is ${JSON.stringify(uri)}`)]);
    },
  );
});
