import { describe, it } from 'vitest';
import { listFiles } from './read-output.ts';
import { createScene, inProcess, instantFromNow } from './scene.ts';

describe.concurrent('settings', () => {
  it('reports every wrong and missing one at once, by name and with the value got, and does nothing', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const wrong = {
      MAX_REQUESTS_PER_SECOND: '0',
      MAX_CONCURRENT_REQUESTS: '65',
      MAX_ATTEMPTS: '1.5',
      REQUEST_TIMEOUT_MS: '99',
      MAX_RUN_SECONDS: '31536001',
      MAX_FAILED_PERCENT: '100.1',
      MAX_SHRINK_PERCENT: '-1',
      MAINTAINER_DETAILS: 'Keep',
      LAUNCHDARKLY_BASE_URL: 'http://launchdarkly.example',
    };
    const flags = ['--nonsense', '--snapshot-time', 'tomorrow'];
    const environment = { ...wrong, LAUNCHDARKLY_ACCESS_TOKEN: '' };
    const { exitCode, stdout, stderr } = await scene.runBare(['sync', '--json', ...flags], { environment });
    expect([exitCode, stdout]).toEqual([2, '']);
    for (const [name, value] of Object.entries(wrong)) expect(stderr).toContain(`${name} is "${value}"`);
    for (const name of ['TARGETS_URI', 'OUTPUT_URI', 'LAUNCHDARKLY_ACCESS_TOKEN', '--nonsense', '--snapshot-time is "tomorrow"'])
      expect(stderr).toContain(name);
    expect(listFiles(scene.folder)).toEqual(['targets.json']);
  });

  it('reports wrong flags by their names, together with wrong targets', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, targets: [{ projectKey: 'storefront', metricGroupKey: 7 }] });
    const wrong = {
      '--max-requests-per-second': '1001',
      '--max-concurrent-requests': 'four',
      '--max-attempts': '21',
      '--request-timeout-ms': '300001',
      '--max-run-seconds': '0',
      '--max-failed-percent': '-5',
      '--max-shrink-percent': '1e1',
      '--maintainer-details': 'mask',
      '--base-url': 'launchdarkly.example',
    };
    const { exitCode, stdout, stderr } = await scene.run('sync', Object.entries(wrong).flat());
    expect([exitCode, stdout]).toEqual([2, '']);
    for (const [name, value] of Object.entries(wrong)) expect(stderr).toContain(`${name} is "${value}"`);
    expect(stderr).toContain('[0].metricGroupKey is 7');
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  it('reports wrong settings also where the list cannot be read', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const result = await scene.run('sync', ['--targets', scene.folder, '--max-attempts', '0']);
    expect(result.stderr).toContain('--max-attempts is "0"');
    expect(result.stderr).toContain(scene.folder);
  });

  it('takes the edges of every range, flags before variables, and an empty text as not set', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const environment = {
      MAX_REQUESTS_PER_SECOND: '0.001',
      MAX_ATTEMPTS: '20',
      REQUEST_TIMEOUT_MS: '300000',
      MAX_RUN_SECONDS: '31536000',
      MAX_FAILED_PERCENT: '0.5',
      MAX_SHRINK_PERCENT: '100',
      MAINTAINER_DETAILS: '',
      LAUNCHDARKLY_ACCESS_TOKEN: ` \t${scene.launchDarkly.token}\n`,
    };
    const result = await scene.run('sync', ['--base-url', `${scene.launchDarkly.url}/`, '--max-concurrent-requests', '64'], {
      environment,
    });
    expect(result).toMatchObject({ exitCode: 0 });
  });

  it('refuses unknown flags and stray words without repeating what stands beside them', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const token = scene.launchDarkly.token;
    for (const [told, ...args] of [
      ['--token', '--token', token],
      ['--access-token', `--access-token=${token}`],
      ['too many', 'api-11111111-stray'],
      ['unknown command', token],
    ] as const) {
      const result = told === 'unknown command' ? await scene.runBare(args) : await scene.run('sync', args);
      expect(result).toMatchObject({ exitCode: 2, stdout: '' });
      if (told !== 'unknown command') expect(result.stderr).toContain(told);
      for (const secret of [token, 'api-11111111-stray']) expect(result.stderr).not.toContain(secret);
    }
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  it('refuses a flag without its value, and flags of another command', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const results = await Promise.all([
      scene.runBare(['sync', '--output']),
      scene.run('check', ['--max-shrink-percent', '5']),
      scene.run('check', ['--only', 'storefront/a']),
      scene.runBare(['discover', '--project', 'storefront', '--base-url', scene.launchDarkly.url, '--output', 'here']),
      scene.run('discover', ['--project', 'store front']),
    ]);
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(results.map(() => [2, '']));
    for (const [index, flag] of ['--output', '--max-shrink-percent', '--only', '--output', '--project is "store front"'].entries())
      expect(results[index]?.stderr).toContain(flag);
    expect([scene.launchDarkly.requests, listFiles(scene.folder)]).toEqual([[], ['targets.json']]);
  });
});

describe.concurrent('secrets in settings', () => {
  it('refuses a token with white space or another odd character inside, and shows no piece of it', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const LAUNCHDARKLY_ACCESS_TOKEN = 'api-secret1\r\nX-Evil: secret2';
    for (const [command, ...args] of [['sync'], ['check'], ['discover', '--project', 'storefront']] as const) {
      const result = await scene.run(command, args, { environment: { LAUNCHDARKLY_ACCESS_TOKEN } });
      expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('LAUNCHDARKLY_ACCESS_TOKEN') });
      expect(result.stderr).not.toMatch(/secret\d|Evil/);
    }
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  const urls = ['http://launchdarkly.example', 'https://user:hun/hunter2@launchdarkly.example', '//user:hunter2@launchdarkly.example'];

  it('refuses a base URL that is not plain https, and shows no credentials of it', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const results = await Promise.all(urls.map((url) => scene.run('sync', ['--base-url', url])));
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(urls.map(() => [2, '']));
    expect(results.map(({ stderr }) => stderr.includes('--base-url'))).toEqual(urls.map(() => true));
    expect(urls.filter((_url, index) => results[index]?.stderr.includes('hunter2'))).toEqual([]);
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  it('shows no credentials of the other locations either', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const url = 'https://user:hunter2@bucket.example/prefix';
    const result = await scene.run('sync', ['--output', url, '--targets', url, '--snapshot-time', instantFromNow(0)]);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    for (const name of ['--output', '--targets']) expect(result.stderr).toContain(name);
    expect(result.stderr).not.toContain('hunter2');
    expect(listFiles(scene.folder)).toEqual(['targets.json']);
  });
});
