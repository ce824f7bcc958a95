import { describe, expect, test } from 'vitest';
import { readDeployments } from '../../infra/deployment-settings.ts';
import { plainDeployment, projectFolder } from './synthesize.ts';

const read = (context: unknown) => readDeployments(context, projectFolder);

/** The lines of the error, without the first. */
function problemsOf(context: unknown): string[] {
  try {
    read(context);
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1);
  }
  return [];
}

test('a deployment needs a schedule and targets, and has a sensible value for all else', () => {
  expect(read({ 'metric-group-sync': plainDeployment })).toEqual([
    {
      name: 'metric-group-sync',
      environment: {},
      schedule: 'cron(0 6 * * ? *)',
      timeZone: 'Etc/UTC',
      targets: { file: `${projectFolder}/infra/targets.json` },
      settings: {},
      alarmsOff: [],
      monitoring: true,
      outputPrefix: 'metric-groups',
      rawRetentionDays: 365,
      oldVersionRetentionDays: 30,
      queryResultRetentionDays: 7,
      logRetentionDays: 90,
      scanLimitGibibytes: 10,
      firstSnapshotDate: '2026-01-01',
      memoryMebibytes: 1024,
    },
  ]);
});

test('deployments can be given as text, as -c does', () => {
  expect(read(JSON.stringify({ sync: plainDeployment }))).toEqual(read({ sync: plainDeployment }));
});

test('everything that is wrong with any deployment is reported at once, with the value got and the rule', () => {
  const wrong = {
    Sync_1: { targets: 'infra/targets.json' },
    sync: {
      schedule: 'cron(0 6 * * *)',
      timeZone: 'Mars/Olympus',
      targets: 's3://bucket',
      tragets: 'x',
      alarmEmail: 'nobody',
      alarmsOff: ['all'],
      account: 123,
      rawRetentionDays: 0.5,
      logRetentionDays: 91,
      secretArn: 'api-secret',
      settings: { MAX_ATTEMPTS: 0, MAX_ATEMPTS: 3, OUTPUT_URI: 's3://x', LAUNCHDARKLY_ACCESS_TOKEN: 'api-secret', REQUEST_TIMEOUT_MS: [1] },
    },
    other: { ...plainDeployment, targets: 'no-such-file.json' },
    third: 'cron',
  };
  const problems = problemsOf(wrong);
  expect(problems.map((problem) => problem.replace(/; there are .*/, '; there are …').replace(/(one of 1, 3).*/, '$1, …'))).toEqual([
    'deployments has the name "Sync_1"; it must be up to 40 lower-case letters, digits and single "-", and start with a letter',
    'deployments.Sync_1.schedule is missing; it must be such as rate(1 day) or cron(0 6 * * ? *)',
    'deployments.sync."tragets" is unknown; there are …',
    'deployments.sync.schedule is "cron(0 6 * * *)"; it must be such as rate(1 day) or cron(0 6 * * ? *), but has 5 fields instead of 6',
    'deployments.sync.timeZone is "Mars/Olympus"; it must be a name such as UTC or Europe/Berlin',
    'deployments.sync.account is 123; it must be the 12 digits of an account, in quotes',
    'deployments.sync.alarmEmail is "nobody"; it must be an e-mail address',
    expect.stringMatching(/^deployments\.sync\.alarmsOff\.0 is "all"; it must be one of no-published-snapshot, /),
    'deployments.sync.rawRetentionDays is 0.5; it must be a whole number from 1 to 36500',
    'deployments.sync.logRetentionDays is 91; it must be one of 1, 3, …',
    'deployments.sync.secretArn is wrong (not shown); it must be an ARN such as arn:aws:secretsmanager:eu-central-1:111122223333:secret:name-AbCdEf, with the six characters at its end',
    'deployments.sync.settings: MAX_ATEMPTS is no setting; there are …',
    'deployments.sync.settings: OUTPUT_URI must not be here: the stack gives it',
    "deployments.sync.settings: LAUNCHDARKLY_ACCESS_TOKEN must not be here: store the token in the deployment's secret",
    'deployments.sync.settings: REQUEST_TIMEOUT_MS is [1]; it must be a number or a text',
    'deployments.sync.settings: MAX_ATTEMPTS is "0"; it must be a whole number from 1 to 20',
    'deployments.sync.targets is "s3://bucket"; it must be the path of a file, or s3://bucket/key without wildcards',
    expect.stringMatching(/^deployments\.other\.targets is "no-such-file\.json"; the file cannot be read \(ENOENT/),
    'deployments.third is "cron"; it must be an object',
  ]);
  expect(problems.join()).not.toContain('api-secret');
});

test('a wrong entry of a local list is found before anything is deployed', () => {
  expect(problemsOf({ sync: { ...plainDeployment, targets: 'package.json' } })).toEqual([
    expect.stringMatching(/^deployments\.sync\.targets is wrong: targets package\.json: got \{/),
  ]);
});

describe('ARNs are held to what synthesis and deployment accept', () => {
  const at = (service: string, resource: string): string => `arn:aws:${service}:eu-central-1:111122223333:${resource}`;
  const uuid = '0f0e0d0c-1111-2222-3333-444455556666';

  test.each([
    ['encryptionKeyArn', at('kms', `key/${uuid}`)],
    ['encryptionKeyArn', at('kms', 'key/mrk-0123456789abcdef0123456789abcdef')],
    ['encryptionKeyArn', `arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/${uuid}`],
    ['secretArn', at('secretsmanager', 'secret:team/token-AbCdEf')],
    ['alarmTopicArn', at('sns', 'alarms')],
    ['permissionsBoundaryArn', 'arn:aws:iam::111122223333:policy/team/boundary'],
    ['permissionsBoundaryArn', 'arn:aws:iam::aws:policy/PowerUserAccess'],
  ])('%s may be %s', (key, arn) => {
    expect(read({ sync: { ...plainDeployment, [key]: arn } })).toMatchObject([{ [key]: arn }]);
  });

  test.each([
    ['encryptionKeyArn', at('kms', 'key/abc')],
    ['encryptionKeyArn', at('kms', `key/${uuid.toUpperCase()}`)],
    ['encryptionKeyArn', at('kms', 'alias/mine')],
    ['encryptionKeyArn', `arn:aws:kms::111122223333:key/${uuid}`],
    ['secretArn', at('secretsmanager', 'secret:token')],
    ['alarmTopicArn', at('sns', 'alarms:0f0e0d0c')],
    ['permissionsBoundaryArn', at('iam', 'policy/boundary')],
    ['permissionsBoundaryArn', 'arn:aws:iam::111122223333:role/boundary'],
  ])('%s may not be %s', (key, arn) => {
    expect(problemsOf({ sync: { ...plainDeployment, [key]: arn } })).toEqual([
      expect.stringMatching(new RegExp(`^deployments\\.sync\\.${key} is .*; it must be an ARN such as arn:aws:`)),
    ]);
  });
});

describe('two deployments', () => {
  test('must not share a place in a bucket', () => {
    const shared = { ...plainDeployment, bucketName: 'given-bucket' };
    expect(problemsOf({ one: { ...shared, outputPrefix: 'ld' }, two: { ...shared, outputPrefix: 'ld/eu' } })).toEqual([
      'deployments.one and deployments.two share a place in given-bucket; give each an outputPrefix of its own',
    ]);
    expect(problemsOf({ one: { ...shared, outputPrefix: 'ld' }, two: { ...shared, outputPrefix: 'ld-eu' } })).toEqual([]);
  });
});

test.each([undefined, {}, [], 'x', 'null'])('without deployments (%j) it says what is needed', (context) => {
  expect(() => read(context)).toThrow(/give an object such as \{"metric-group-sync": /);
});
