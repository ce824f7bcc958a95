import { describe, it } from 'vitest';
import { createWorld } from '../launchdarkly/world.ts';
import { listFiles, readComparableLines, readParts, readTable, targetOf } from './read-output.ts';
import { createS3Scene } from './s3-scene.ts';
import { createScene, groupsAsked, inProcess, instantFromNow, requireContract, until } from './scene.ts';

const worldOf = (count: number) => createWorld({ projects: { storefront: count }, metrics: 2, experiments: 1 });

describe.concurrent('plan, extract and publish', { timeout: 120_000 }, () => {
  it('on one bucket, side by side, killed and repeated, make the bytes of a sync', async ({ expect, ...context }) => {
    const groups = 230;
    const scene = await createS3Scene(context, { ...inProcess, world: worldOf(groups), latencyMs: 10 });
    const instant = ['--snapshot-time', instantFromNow(-60_000)];
    const common = ['--base-url', scene.launchDarkly.url, '--max-requests-per-second', '200', ...scene.toS3, ...instant, '--json'];
    const plan = ['plan', '--targets', scene.targets, ...common];
    const extract = (slices: string): string[] => ['extract', '--slice', slices, ...common];
    const publish = ['publish', ...scene.toS3, ...instant, '--json'];

    // A sync of the same groups, from a server of its own.
    const other = await createScene(context, { ...inProcess, world: worldOf(groups) });
    const whole = other.run('sync', instant);
    const planned = await scene.runBare(plan);
    expect([planned.exitCode, JSON.parse(planned.stdout)], planned.stderr).toEqual([
      0,
      { snapshotId: expect.any(String), snapshotTime: instant[1], state: 'planned', targets: groups, slices: 3 },
    ]);

    // Killed in the middle of its slices, while another takes the last.
    const others = scene.startBare(extract('2'));
    const killed = scene.startBare(extract('0-1'));
    await until(() => readParts(scene.objects).length >= 100);
    killed.kill('SIGKILL');
    expect((await killed.ended).exitCode).toBe(null);
    expect((await others.ended).exitCode).toBe(0);
    const kept = new Set(readParts(scene.objects).map(targetOf));
    const asked = scene.launchDarkly.requests.length;
    const again = await scene.runBare(extract('0-2'));
    expect(again.exitCode, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(
      [100, 100, 30].map((targets, slice) => ({ slice, targets, succeeded: targets, not_found: 0, forbidden: 0, invalid: 0, failed: 0 })),
    );
    const askedAgain = groupsAsked(scene.launchDarkly, asked);
    expect(askedAgain.filter((name) => kept.has(name))).toEqual([]);
    expect(new Set([...kept, ...askedAgain]).size).toBe(groups);

    // Publishing is killed after the seal, at its first table, and repeated without a token.
    scene.s3.faults = [{ match: ({ method, key }) => method === 'PUT' && key.includes('tables/'), effect: { delayMs: 20_000 } }];
    const cut = scene.startBare(publish);
    await until(() => scene.s3.requests.some(({ method, key }) => method === 'PUT' && key.includes('tables/')));
    cut.kill('SIGKILL');
    await cut.ended;
    scene.s3.faults = [];
    const before = scene.launchDarkly.requests.length;
    const published = await scene.runBare(publish, { environment: withoutToken });
    expect(published.exitCode, published.stderr).toBe(0);
    expect(await scene.runBare(extract('2'))).toMatchObject({ exitCode: 0, stdout: '[]\n' });
    expect(scene.launchDarkly.requests).toHaveLength(before);
    const [commit] = readTable(scene.objects, 'sync_snapshots');
    expect({ ...JSON.parse(published.stdout), alreadyPublished: true }).toEqual({ ...commit, alreadyPublished: true });
    await requireContract(scene.objects);

    expect(await whole).toMatchObject({ exitCode: 0 });
    expect(readComparableLines(scene.objects)).toEqual(readComparableLines(other.output));
    const tables = (directory: string): string[] => listFiles(directory).filter((file) => !file.includes('/parts/'));
    expect(tables(scene.objects)).toEqual(tables(other.output));
  });

  it('tell people what comes next, also where one is stopped, and end with the codes of a sync', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, world: worldOf(150), latencyMs: 25 });
    const at = ['--output', scene.output, '--snapshot-time', instantFromNow(-60_000)];
    const ask = ['--base-url', scene.launchDarkly.url, '--max-requests-per-second', '200', ...at];
    const planned = await scene.runBare(['plan', '--targets', scene.targets, ...ask]);
    expect(planned).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Snapshot \w+ is planned: 150 targets in 2 slices: --slice 0-1 --snapshot-time \S+\n$/),
    });

    const run = scene.startBare(['extract', '--slice', '0-1', ...ask]);
    await until(() => scene.launchDarkly.requests.length > 60);
    run.kill('SIGTERM');
    const stopped = await run.ended;
    expect(stopped).toMatchObject({ exitCode: 143, stdout: '', stderr: expect.stringContaining('of 150 targets are settled and kept') });
    expect(stopped.stderr).toContain('run the same command with --snapshot-time');
    expect(readParts(scene.output).length).toBeGreaterThan(20);
    await requireContract(scene.output);

    expect(await scene.runBare(['extract', '--slice', '0', '--slice', '1', ...ask])).toMatchObject({
      exitCode: 0,
      stdout: 'Slice 0: 100 targets, 100 succeeded\nSlice 1: 50 targets, 50 succeeded\n',
    });
    const published = await scene.runBare(['publish', ...at], { environment: withoutToken });
    expect(published).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is published: complete') });
    expect(published.stdout).not.toContain('requests');
    await requireContract(scene.output);
  });

  it('name all that is missing or wrong at once, and ask nothing', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const [extract, slices, publish, plan] = await Promise.all(
      [['extract'], ['extract', '--slice', '3-1', '--snapshot-time', 'now', '--output', 'x'], ['publish'], ['plan', '--slice', '1']].map(
        (args) => scene.runBare(args, { environment: withoutToken }),
      ),
    );
    expect(extract).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/--slice is missing.*--snapshot-time is missing.*OUTPUT_URI is missing.*LAUNCHDARKLY_ACCESS_TOKEN/s),
    });
    expect(slices).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/--slice is "3-1".*--snapshot-time is "now"/s) });
    expect(publish).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/--snapshot-time is missing.*OUTPUT_URI is missing/s) });
    expect(publish?.stderr).not.toContain('TOKEN');
    expect(plan).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/unknown flag "--slice".*TARGETS_URI/s) });
    expect(scene.launchDarkly.requests).toEqual([]);
  });
});

const withoutToken = { LAUNCHDARKLY_ACCESS_TOKEN: '' };
