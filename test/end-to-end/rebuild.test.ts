import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import { commitObject, partObject, planObject, type Snapshot, sealObject, snapshotAt, tableObject } from '../../lambda/contract/objects.ts';
import { createDirectoryOutput } from '../../lambda/output/directory-output.ts';
import { failWith, onGroups } from '../launchdarkly/faults.ts';
import { createMemoryOutput } from '../memory-output.ts';
import { runSync } from '../run-sync.ts';
import { listFiles, readText } from './read-output.ts';
import type { CliResult } from './run-cli.ts';
import { createS3Scene, type S3Scene } from './s3-scene.ts';
import { createScene, inProcess, instantFromNow, requireContract, type Scene, target, until } from './scene.ts';

/** A rebuild has no token, and nothing else that leads to LaunchDarkly. */
const withoutToken = { environment: { LAUNCHDARKLY_ACCESS_TOKEN: '' } };
const datesOf = ({ date }: Snapshot): string[] => ['--from', date, '--to', date];

function rebuild(scene: Scene, output: string, snapshot: Snapshot, ...more: string[]): Promise<CliResult> {
  return scene.runBare(['rebuild', '--output', output, ...datesOf(snapshot), ...more], withoutToken);
}

/** Takes a snapshot of so many seconds ago, in this process. */
async function sync(scene: Scene, secondsAgo: number, output = createDirectoryOutput(scene.output)): Promise<Snapshot> {
  const snapshot = snapshotAt(Date.parse(instantFromNow(-1000 * secondsAgo)));
  const targets = JSON.parse(readFileSync(scene.targets, 'utf8'));
  await runSync(scene.launchDarkly, output, { snapshot, takeTargets: () => targets, maxFailedPercent: 50 });
  return snapshot;
}

const textOf = (directory: string): Record<string, string> =>
  Object.fromEntries(listFiles(directory).map((file) => [file, readText(join(directory, file))]));
/** Bytes and time of last change of every file, hidden ones included. */
const stateOf = (directory: string): object =>
  Object.fromEntries(
    listFiles(directory).map((file) => [file, [readFileSync(join(directory, file), 'base64'), statSync(join(directory, file)).mtimeMs]]),
  );

type Change = (text: string) => string;
const withoutDescription: Change = (text) => text.replaceAll(/"description":(?:null|"[^"]*"),/g, '');
const otherFormat: Change = (text) => text.replace('"format":1', '"format":0');

/** Changes files of an output as an older version would have left them. */
function age(directory: string, changes: Record<string, Change | undefined>): void {
  for (const [file, change] of Object.entries(changes)) {
    const path = join(directory, file);
    if (change === undefined) rmSync(path);
    else writeFileSync(path, gzipSync(change(readFileSync(path).length > 0 ? gunzipSync(readFileSync(path)).toString() : '')));
  }
}

const three = 'sync_targets 3 -> 3, metric_groups 3 -> 3';
const rest = 'metric_group_metrics 15 -> 15, metric_group_experiments 9 -> 9';

describe.concurrent('rebuild', () => {
  it('shows with --dry-run what would change and writes nothing; then changes that alone, and the second time nothing', async ({
    expect,
    ...context
  }) => {
    const scene = await createScene(context, inProcess);
    const [unpublished, published, right] = [await sync(scene, 180), await sync(scene, 120), await sync(scene, 60)];
    const asked = scene.launchDarkly.requests.length;
    const expected = textOf(scene.output);
    const groups = tableObject('metric_groups', published, 0);
    const extra = join(scene.output, tableObject('sync_targets', published, 1));
    writeFileSync(extra, gzipSync('{"project_key":"zzz","metric_group_key":"old"}\n'));
    age(scene.output, {
      [groups]: (text) => withoutDescription(text).replaceAll('"maintainer_key":"', '"maintainer_key":"old-'),
      [commitObject(unpublished)]: undefined,
    });
    const aged = stateOf(scene.output);

    const range = ['--from', unpublished.date, '--to', right.date];
    const run = (...more: string[]) => scene.runBare(['rebuild', '--output', scene.output, ...range, ...more], withoutToken);
    const begun = [unpublished, published, right].map(({ id }) => `Snapshot ${id}\n`).join('');
    const dry = await run('--dry-run');
    const [example] = (JSON.parse(`[${expected[groups]?.trim().replaceAll('\n', ',')}]`) as Record<string, string>[]).slice(0, 1);
    expect(dry).toEqual({
      exitCode: 0,
      stdout: [
        `${unpublished.id} would be published for the first time: ${three}, ${rest}, sync_snapshots 0 -> 1 (1 differs)`,
        `${published.id} would be rebuilt: sync_targets 4 -> 3 (1 differs), metric_groups 3 -> 3 (3 differ), ${rest}, sync_snapshots 1 -> 1`,
        '  sync_targets, such as zzz/old: removed',
        `  metric_groups, such as storefront/${example?.['metric_group_key']}: description (no such column) -> ${JSON.stringify(example?.['description']).slice(0, 59)}…, maintainer_key (not shown)`,
        `${right.id} unchanged: ${three}, ${rest}, sync_snapshots 1 -> 1`,
        '',
      ].join('\n'),
      stderr: `${begun}3 snapshots: 1 would be published for the first time, 1 would be rebuilt, 1 unchanged\n`,
    });
    expect(stateOf(scene.output)).toEqual(aged);

    expect(await run()).toEqual({
      exitCode: 0,
      stdout: dry.stdout.replaceAll('would be ', '').replaceAll(/^ .*\n/gm, ''),
      stderr: `${begun}3 snapshots: 1 published for the first time, 1 rebuilt, 1 unchanged\n`,
    });
    expect(textOf(scene.output)).toEqual(expected);
    await requireContract(scene.output);

    const mended = stateOf(scene.output);
    const unchanged = { rows_changed: 0, objects_written: 0 };
    const again = await run('--json');
    expect(again).toMatchObject({ exitCode: 0, stderr: `${begun}3 snapshots: 3 unchanged\n` });
    expect(JSON.parse(again.stdout)).toEqual(
      [unpublished, published, right].map(({ id }) => ({
        snapshot_id: id,
        result: 'unchanged',
        tables: {
          sync_targets: { rows_before: 3, rows_after: 3, ...unchanged },
          metric_groups: { rows_before: 3, rows_after: 3, ...unchanged },
          metric_group_metrics: { rows_before: 15, rows_after: 15, ...unchanged },
          metric_group_experiments: { rows_before: 9, rows_after: 9, ...unchanged },
          sync_snapshots: { rows_before: 1, rows_after: 1, ...unchanged },
        },
      })),
    );
    expect(stateOf(scene.output)).toEqual(mended);
    expect(scene.launchDarkly.requests).toHaveLength(asked);
  });

  it('finishes a snapshot that another format sealed, as the sync that refuses it says', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const snapshot = await sync(scene, 60);
    const expected = textOf(join(scene.output, 'tables'));
    age(scene.output, { [sealObject(snapshot)]: otherFormat });
    rmSync(join(scene.output, 'tables'), { recursive: true });
    const args = ['--snapshot-time', snapshot.at.replace(' ', 'T').replace('.000', 'Z')];
    const refused = await scene.runBare(['sync', ...scene.flags, ...args]);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toContain(
      `snapshot ${snapshot.id} was sealed by format 0, and this version writes format 1: its tables would differ. ` +
        `Run the version that sealed it, or let \`rebuild --from ${snapshot.date} --to ${snapshot.date}\` finish it`,
    );
    expect(await rebuild(scene, scene.output, snapshot)).toMatchObject({ exitCode: 0 });
    expect(textOf(join(scene.output, 'tables'))).toEqual(expected);
  });

  it('ends with 0 also for a partial snapshot, and loads nothing that could ask LaunchDarkly or AWS', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, faults: [failWith(onGroups('checkout-funnel-000000'), 403)] });
    const snapshot = await sync(scene, 60);
    const expected = textOf(scene.output);
    age(scene.output, { [tableObject('sync_targets', snapshot, 0)]: (text) => text.replaceAll('forbidden', 'failed') });
    const [counter, file] = [new URL('count-modules.ts', import.meta.url).href, join(scene.folder, 'modules.txt')];
    const result = await scene.runBare(['rebuild', '--output', scene.output, ...datesOf(snapshot)], {
      nodeArguments: ['--import', counter],
      environment: { LAUNCHDARKLY_ACCESS_TOKEN: '', MODULES_FILE: file },
    });
    expect(result).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(`${snapshot.id} rebuilt: sync_targets 3 -> 3 (1 differs), metric_groups 2 -> 2, `),
    });
    expect(textOf(scene.output)).toEqual(expected);
    await requireContract(scene.output);
    const modules = readFileSync(file, 'utf8').split('\n');
    expect(modules.some((url) => url.endsWith('lambda/rebuild.ts'))).toBe(true);
    expect(modules.filter((url) => /lambda\/extract\/|@(aws|smithy)/.test(url))).toEqual([]);
  });

  it('ends with 1 where a snapshot is damaged, and does the others', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, targets: [target('storefront/checkout-funnel-000000')] });
    const [noPart, noPlan, noSeal, gone, right] = [
      await sync(scene, 300),
      await sync(scene, 240),
      await sync(scene, 180),
      await sync(scene, 120),
      await sync(scene, 60),
    ];
    for (const object of [partObject(noPart, '00000-00000'), planObject(noPlan), commitObject(right), commitObject(noPart)])
      rmSync(join(scene.output, object));
    writeFileSync(join(scene.output, sealObject(noSeal)), 'no seal');
    rmSync(join(scene.output, `raw/snapshot_date=${gone.date}/${gone.id}`), { recursive: true });
    const before = textOf(join(scene.output, 'tables'));
    const result = await scene.runBare(['rebuild', '--output', scene.output, '--from', noPart.date, '--to', right.date], withoutToken);
    const one =
      'sync_targets 1 -> 1, metric_groups 1 -> 1, metric_group_metrics 5 -> 5, metric_group_experiments 3 -> 3, sync_snapshots 0 -> 1 (1 differs)';
    expect(result).toEqual({
      exitCode: 1,
      stdout: [
        `${noPart.id} failed`,
        `${noPlan.id} failed`,
        `${noSeal.id} failed`,
        `${gone.id} left as it is: published, and what it was made of is no longer there`,
        `${right.id} published for the first time: ${one}`,
        '',
      ].join('\n'),
      stderr: [
        `Snapshot ${noPart.id}`,
        `output ${scene.output}: ${partObject(noPart, '00000-00000')} is gone; restore it, nothing may be deleted under raw/`,
        `Snapshot ${noPlan.id}`,
        `output ${scene.output}: ${planObject(noPlan)} is gone, and the seal is there; restore it, nothing may be deleted under raw/`,
        `Snapshot ${noSeal.id}`,
        `output ${sealObject(noSeal)}: not gzipped JSON lines (Z_DATA_ERROR: incorrect header check); it was damaged, or something else wrote it: restore it, or take the snapshot of another instant`,
        `Snapshot ${right.id}`,
        '5 snapshots: 3 failed, 1 left as it is, 1 published for the first time',
        '',
      ].join('\n'),
    });
    const { [commitObject(right).replace('tables/', '')]: commit, ...others } = textOf(join(scene.output, 'tables'));
    expect([others, commit?.length]).toEqual([before, expect.any(Number)]);
  });

  it('ends with 1 where no snapshot of the dates is sealed, and says so', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const snapshot = await sync(scene, 60);
    const none = ['rebuild', '--output', scene.output, '--from', '2026-01-01', '--to', '2026-01-31'];
    const nothing = (from: string, to: string) =>
      `${scene.output} holds no sealed snapshot from ${from} to ${to}: there is nothing to rebuild\n`;
    expect(await scene.runBare(none, withoutToken)).toEqual({ exitCode: 1, stdout: '', stderr: nothing('2026-01-01', '2026-01-31') });
    for (const object of [sealObject(snapshot), commitObject(snapshot)]) rmSync(join(scene.output, object));
    const { date, id } = snapshot;
    expect(await rebuild(scene, scene.output, snapshot)).toEqual({
      exitCode: 1,
      stdout: `${id} skipped: it is not sealed, so there is no decision to publish it\n`,
      stderr: `1 snapshot: 1 skipped\n${nothing(date, date)}`,
    });
  });

  it('ends with 2 and tells all that is wrong at once', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const wrong = await scene.runBare(
      ['rebuild', '--output', 'ftp://x', '--from', '2026-02-30', '--targets', 'x', '--only=y'],
      withoutToken,
    );
    expect(wrong).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: [
        'unknown flag "--targets"; see --help',
        'unknown flag "--only"; see --help',
        '--from is "2026-02-30"; it must be a date, such as 2026-11-23',
        '--to is missing: give a date, such as 2026-11-23',
        '--output is "ftp://x"; it must be a local path or s3://bucket/…',
        '',
      ].join('\n'),
    });
    const turned = await scene.runBare(['rebuild', '--from', '2026-02-03', '--to', '2026-02-02'], {
      // What other commands need is nothing to this one.
      environment: { LAUNCHDARKLY_ACCESS_TOKEN: 'not a token', MAX_ATTEMPTS: 'many' },
    });
    expect(turned).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        '--from is 2026-02-03, which is after --to, 2026-02-02\n--output or OUTPUT_URI is missing: give a directory or s3://bucket/prefix\n',
    });
    expect(listFiles(scene.folder)).toEqual(['targets.json']);
  });
});

describe.concurrent('rebuild in S3', () => {
  const uriOf = (scene: S3Scene): string => scene.toS3[1] ?? '';
  const changesOf = (scene: S3Scene, from: number): string[] =>
    scene.s3.requests
      .slice(from)
      .filter(({ method }) => method === 'PUT' || method === 'DELETE')
      .map(({ method, key }) => `${method} ${key.slice(key.indexOf('tables/'))}`);

  const put = (scene: S3Scene, object: string, body: Buffer): void => {
    scene.s3.objects.set(`${uriOf(scene).slice('s3://'.length)}${object}`, { metadata: {}, contentType: 'application/gzip', body });
  };
  async function publish(scene: S3Scene, secondsAgo: number): Promise<Snapshot> {
    const output = createMemoryOutput();
    const snapshot = await sync(scene, secondsAgo, output);
    for (const [object, body] of output.objects) put(scene, object, body);
    return snapshot;
  }

  /** A published snapshot as an older version would have left it, with an object more than it should have. */
  async function publishAged(scene: S3Scene): Promise<{ snapshot: Snapshot; expected: Record<string, string> }> {
    const snapshot = await publish(scene, 60);
    const expected = textOf(scene.objects);
    const store = (object: string, text: string) => put(scene, object, gzipSync(text));
    for (const table of ['metric_groups', 'sync_targets'] as const) {
      const object = tableObject(table, snapshot, 0);
      store(object, (expected[object] ?? '').replaceAll('"metric_group_key":"', '"metric_group_key":"old-'));
    }
    store(tableObject('metric_groups', snapshot, 1), '{"project_key":"old"}\n');
    store(commitObject(snapshot), (expected[commitObject(snapshot)] ?? '').replace('"status":"complete"', '"status":"old"'));
    return { snapshot, expected };
  }

  it('replaces what differs, names the permission that it lacks, and ends right once it has it, the commit last', async ({
    expect,
    ...context
  }) => {
    const scene = await createS3Scene(context, inProcess);
    const { snapshot, expected } = await publishAged(scene);
    const asked = scene.launchDarkly.requests.length;
    const surplus = tableObject('metric_groups', snapshot, 1);
    scene.s3.faults = [{ match: ({ method }) => method === 'DELETE', effect: 'AccessDenied' }];
    const refused = await rebuild(scene, uriOf(scene), snapshot);
    expect(refused).toMatchObject({ exitCode: 1, stdout: `${snapshot.id} failed\n` });
    expect(refused.stderr).toMatch(
      /-00001\.jsonl\.gz: cannot be removed \(AccessDenied: .*\); access denied: this needs s3:DeleteObject\n/,
    );
    const changes = changesOf(scene, 0);
    expect(changes.slice(0, 2).sort()).toEqual([
      `PUT ${tableObject('metric_groups', snapshot, 0)}`,
      `PUT ${tableObject('sync_targets', snapshot, 0)}`,
    ]);
    expect(new Set(changes.slice(2))).toEqual(new Set([`DELETE ${surplus}`]));
    scene.s3.faults = [];
    let from = scene.s3.requests.length;
    const result = await rebuild(scene, uriOf(scene), snapshot);
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${snapshot.id} rebuilt: `) });
    expect(changesOf(scene, from)).toEqual([`DELETE ${surplus}`, `PUT ${commitObject(snapshot)}`]);
    expect(textOf(scene.objects)).toEqual(expected);
    await requireContract(scene.objects);
    from = scene.s3.requests.length;
    expect(await rebuild(scene, uriOf(scene), snapshot)).toMatchObject({ exitCode: 0 });
    expect([changesOf(scene, from), scene.launchDarkly.requests.length]).toEqual([[], asked]);
  });

  for (const [signal, exitCode] of [
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const) {
    it(`is gone on with after ${signal}, and ends right`, async ({ expect, ...context }) => {
      const scene = await createS3Scene(context, inProcess);
      const [{ snapshot, expected }, later] = [await publishAged(scene), await publish(scene, 30)];
      const whole = { ...expected, ...textOf(scene.objects), ...expected };
      delete whole[tableObject('metric_groups', snapshot, 1)];
      const from = scene.s3.requests.length;
      scene.s3.faults = [{ match: ({ method, key }) => method === 'PUT' && key.includes('tables/'), times: 1, effect: { delayMs: 600 } }];
      const args = ['rebuild', '--output', uriOf(scene), '--from', snapshot.date, '--to', later.date];
      const run = scene.startBare(args, withoutToken);
      await until(() => changesOf(scene, from).length > 0);
      run.kill(signal);
      const stopped = await run.ended;
      expect(stopped.exitCode).toBe(exitCode);
      if (exitCode !== null) {
        expect(stopped.stderr).toBe(
          `Snapshot ${snapshot.id}\nstopped by ${signal} after 1 snapshot: 1 rebuilt; run the same command again for the rest\n`,
        );
        expect(stopped.stdout).toContain(`${snapshot.id} rebuilt: `);
      }
      scene.s3.faults = [];
      expect(await scene.runBare(args, withoutToken)).toMatchObject({ exitCode: 0 });
      expect(textOf(scene.objects)).toEqual(whole);
      await requireContract(scene.objects);
    });
  }
});
