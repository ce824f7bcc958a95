import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, it } from 'vitest';
import { tables } from '../../lambda/contract/tables.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { listFiles, readComparableLines, readTable } from './read-output.ts';
import { createS3Scene } from './s3-scene.ts';
import { createScene, inProcess, instantFromNow, requireContract, type Scene } from './scene.ts';

describe.concurrent('an s3:// output', () => {
  it('holds byte for byte the rows of one on disk, in few PUTs, every one create-only', async ({ expect, ...context }) => {
    const groups = 120;
    const scene = await createS3Scene(context, {
      ...inProcess,
      world: createWorld({ projects: { storefront: groups }, metrics: 2, experiments: 1 }),
    });
    const args = ['--json', '--snapshot-time', instantFromNow(-60_000)];
    const onDisk = await scene.run('sync', args);
    const startedAtMs = Date.now();
    const inS3 = await scene.start('sync', [...scene.toS3, ...args]).ended;
    const seconds = (Date.now() - startedAtMs) / 1000;
    expect([onDisk.exitCode, inS3.exitCode], inS3.stderr).toEqual([0, 0]);
    await requireContract(scene.objects);
    expect(readComparableLines(scene.objects)).toEqual(readComparableLines(scene.output));
    expect(listFiles(scene.objects)).toEqual(listFiles(scene.output));
    expect([JSON.parse(inS3.stdout)]).toEqual(readTable(scene.objects, 'sync_snapshots'));

    const puts = scene.s3.requests.filter(({ method }) => method === 'PUT');
    expect(puts.length).toBeLessThanOrEqual(10 + Object.keys(tables).length + groups / 100 + seconds / 10);
    expect(new Set(puts.map(({ key }) => key)).size).toBe(puts.length);
    expect(scene.s3.requests.filter(({ method }) => !['PUT', 'GET', 'HEAD'].includes(method))).toEqual([]);

    const asked = scene.launchDarkly.requests.length;
    const again = await scene.run('sync', [...scene.toS3, ...args]);
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ ...JSON.parse(inS3.stdout), alreadyPublished: true });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
    expect(scene.s3.requests.filter(({ method }) => method === 'PUT')).toHaveLength(puts.length);
  });

  it('is made whole through the errors that S3 has on an ordinary day', async ({ expect, ...context }) => {
    const scene = await createS3Scene(context, inProcess);
    const put = (part: string) => (request: { method: string; key: string }) => request.method === 'PUT' && request.key.includes(part);
    scene.s3.faults = [
      { match: put('plan'), times: 1, effect: 'reset-after' },
      { match: put('parts'), times: 1, effect: 'SlowDown' },
      { match: put('seal'), times: 1, effect: 'ConditionalRequestConflict' },
      { match: put('tables/metric_groups/'), times: 1, effect: 'reset-before' },
      { match: put('sync_snapshots'), times: 1, effect: 'reset-after' },
    ];
    const { exitCode, stderr } = await scene.run('sync', scene.toS3);
    expect(exitCode, stderr).toBe(0);
    await requireContract(scene.objects);
    expect(readTable(scene.objects, 'sync_snapshots')).toMatchObject([{ status: 'complete', targets_total: 3 }]);
  });

  it('is not believed where a checksum is wrong, and the next run finishes what is there', async ({ expect, ...context }) => {
    const scene = await createS3Scene(context, inProcess);
    scene.s3.faults = [{ match: ({ method, key }) => method === 'GET' && key.includes('parts'), times: 3, effect: 'wrong-checksum' }];
    const args = [...scene.toS3, '--snapshot-time', instantFromNow(-60_000)];
    const stopped = await scene.run('sync', args);
    expect(stopped).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/parts.*checksum.*run again/i) });
    const asked = scene.launchDarkly.requests.length;
    expect(await scene.run('sync', args)).toMatchObject({ exitCode: 0 });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
    await requireContract(scene.objects);
  });

  it('ends with 1 and advice for wrong credentials, no bucket and denied access, before anything is asked', async ({
    expect,
    ...context
  }) => {
    const scene = await createS3Scene(context, inProcess);
    const denied = (match: string) => [{ match: ({ method }: { method: string }) => method === match, effect: 'AccessDenied' as const }];
    for (const [told, environment, args, faults] of [
      [/credentials/i, { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' }, [], []],
      [/secret key/i, { AWS_SECRET_ACCESS_KEY: 'wrong-secret-key' }, [], []],
      [/no AWS credentials/i, { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, [], []],
      [/no such bucket/i, {}, ['--output', 's3://no-such-bucket/prefix'], []],
      [/access denied.*s3:(GetObject|ListBucket)/is, {}, [], denied('GET')],
    ] as const) {
      scene.s3.faults = [...faults];
      const result = await scene.run('sync', [...scene.toS3, ...args], { environment });
      expect(result, String(told)).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(told) });
      expect(result.stderr).toContain('s3://');
      expect(result.stderr).not.toMatch(/unexpected error|wrong-secret-key/);
      expect(scene.launchDarkly.requests).toEqual([]);
    }
    const checked = await scene.run('check', [...scene.toS3, '--json']);
    expect(checked).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/access denied.*s3:ListBucket/) });
    expect(JSON.parse(checked.stdout)).toMatchObject([{ status: 'succeeded' }]);
    expect(listFiles(scene.objects)).toEqual([]);
  });

  it('ends with 1 and advice where it may be read and not be written', async ({ expect, ...context }) => {
    const scene = await createS3Scene(context, inProcess);
    scene.s3.faults = [{ match: ({ method }) => method === 'PUT', effect: 'AccessDenied' }];
    const result = await scene.run('sync', scene.toS3);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/access denied.*s3:PutObject/) });
    expect(listFiles(scene.objects)).toEqual([]);
  });

  it('may be beside a list of targets in S3', async ({ expect, ...context }) => {
    const scene = await createS3Scene(context, inProcess);
    const list = { body: readFileSync(scene.targets), metadata: {}, contentType: 'application/json', lastModified: new Date() };
    scene.s3.objects.set('analytics-tables/targets.json', list);
    const targets = (key: string) => ['--targets', `s3://analytics-tables/${key}`];
    expect(await scene.run('sync', [...scene.toS3, ...targets('targets.json')])).toMatchObject({ exitCode: 0 });
    const asked = scene.launchDarkly.requests.length;
    const missing = await scene.run('sync', [...scene.toS3, ...targets('none.json')]);
    expect(missing).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('s3://analytics-tables/none.json') });
    scene.s3.faults = [{ match: ({ key }) => key === 'targets.json', effect: 'AccessDenied' }];
    const unreadable = await scene.run('sync', [...scene.toS3, ...targets('targets.json')]);
    expect(unreadable).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('s3://analytics-tables/targets.json') });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
  });
});

describe.concurrent('the AWS SDK', () => {
  const counter = pathToFileURL(fileURLToPath(new URL('count-modules.ts', import.meta.url))).href;

  async function modulesOf(scene: Scene, command: string, args: readonly string[]): Promise<string[]> {
    const file = join(scene.folder, 'modules.txt');
    writeFileSync(file, '');
    const options = { nodeArguments: ['--import', counter], environment: { MODULES_FILE: file } };
    const { exitCode, stderr } = await scene.start(command, args, options).ended;
    if (exitCode !== 0) throw new Error(stderr);
    return readFileSync(file, 'utf8').split('\n');
  }

  it('is loaded for an s3:// output and for nothing else', async ({ expect, ...context }) => {
    const [disk, s3] = [await createScene(context), await createS3Scene(context)];
    const isAws = (url: string) => /@(aws|smithy)/.test(url);
    const onDisk = [
      ...(await modulesOf(disk, 'sync', [])),
      ...(await modulesOf(disk, 'check', [])),
      ...(await modulesOf(disk, 'discover', ['--project', 'storefront'])),
    ];
    expect(onDisk.some((url) => url.endsWith('lambda/sync.ts'))).toBe(true);
    expect(onDisk.filter(isAws)).toEqual([]);
    expect((await modulesOf(s3, 'sync', s3.toS3)).filter(isAws)).not.toEqual([]);
  });

  it('takes a directory whose name looks like a URI’s for a directory', async ({ expect, ...context }) => {
    const scene = await createScene(context);
    mkdirSync(join(scene.folder, 's3:'));
    expect(await scene.run('sync', ['--output', './s3:/bucket'])).toMatchObject({ exitCode: 0 });
    expect(listFiles(join(scene.folder, 's3:', 'bucket', 'tables')).length).toBeGreaterThan(0);
  });
});
