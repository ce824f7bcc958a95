import { describe, it } from 'vitest';
import { createWorld } from '../launchdarkly/world.ts';
import { listFiles, readOutcomes, readTable, targetOf } from './read-output.ts';
import { createScene, everyGroupOf, groupsAsked, inProcess, instantFromNow, type Scene, target } from './scene.ts';

const groups = ['checkout-funnel-000000', 'page-speed-guardrail-000002', 'signup-funnel-000001'].map((key) => `storefront/${key}`);
const [first = '', second = ''] = groups;
const twoProjects = () => createWorld({ projects: { storefront: 3, growth: 2 } });
const onlyFlags = (scene: Scene): string[] =>
  scene.flags.filter((flag, index) => flag !== '--targets' && scene.flags[index - 1] !== '--targets');

describe.concurrent('--only', () => {
  it('takes the targets given, each once, and reads no list', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, world: twoProjects() });
    const only = ['--only', first, '--only', second, '--only', first, '--only', 'growth/*', '--only', 'growth/gone'];
    const { exitCode, stdout } = await scene.runBare(['sync', ...onlyFlags(scene), '--json', ...only]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ scope: 'subset', status: 'complete', targets_total: 5, targets_not_found: 1 });
    expect(readTable(scene.output, 'sync_targets').map((row) => [targetOf(row), row['discovered']])).toEqual([
      ['growth/checkout-funnel-000000', true],
      ['growth/gone', false],
      ['growth/signup-funnel-000001', true],
      [first, false],
      [second, false],
    ]);
    expect(groupsAsked(scene.launchDarkly).sort()).toEqual(Object.keys(readOutcomes(scene.output)));
  });

  it('publishes a subset of which nothing was found, as no full run would, and minds no malformed list', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, targets: 'no JSON' });
    const { exitCode, stdout } = await scene.run('sync', ['--json', '--only', 'storefront/gone']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ scope: 'subset', targets_not_found: 1, metric_group_rows: 0 });
  });

  it('ends with 2 and names each target that is none', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const wrong = ['storefront', '/checkout', 'store front/checkout', 'storefront/a/b', '*/checkout', 'storefront/..', ''];
    const result = await scene.run(
      'sync',
      wrong.flatMap((text) => ['--only', text]),
    );
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    for (const index of wrong.keys()) expect(result.stderr).toContain(`[${index}]`);
    for (const got of ['"store front"', '"a/b"', '".."', '"*"']) expect(result.stderr).toContain(got);
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });
});

describe.concurrent('--snapshot-time', () => {
  it('sets the instant of the snapshot, in whatever zone it is given, up to 24 hours back and 5 minutes ahead', async ({
    expect,
    ...context
  }) => {
    const scene = await createScene(context, inProcess);
    const instant = instantFromNow(-23.9 * 3_600_000);
    const shifted = `${new Date(Date.parse(instant) + 5.5 * 3_600_000).toISOString().slice(0, 19)}+05:30`;
    expect(await scene.run('sync', ['--snapshot-time', shifted])).toMatchObject({ exitCode: 0 });
    const id = instant.replaceAll(/[-:]/g, '');
    expect(readTable(scene.output, 'sync_snapshots')).toMatchObject([
      { snapshot_id: id, snapshot_at: `${instant.slice(0, 19).replace('T', ' ')}.000` },
    ]);
    expect(listFiles(scene.output)).toContain(`raw/snapshot_date=${instant.slice(0, 10)}/${id}/seal.json.gz`);
    expect(await scene.run('sync', ['--snapshot-time', instantFromNow(280_000)])).toMatchObject({ exitCode: 0 });
  });

  it('is now, to the second, where it is not given', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { stdout } = await scene.run('sync', ['--json']);
    const at = Date.parse(`${String(JSON.parse(stdout).snapshot_at).replace(' ', 'T')}Z`);
    expect(at % 1000).toBe(0);
    expect(at >= before && at <= Date.now()).toBe(true);
  });

  it('ends with 2, and asks and writes nothing, for an instant too far off or that is none', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const wrong = [instantFromNow(-24.1 * 3_600_000), instantFromNow(360_000), '2026-11-23T06:00:00', '2026-13-01T00:00:00Z'];
    const results = await Promise.all(wrong.map((instant) => scene.run('sync', ['--snapshot-time', instant])));
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(wrong.map(() => [2, '']));
    for (const [index, { stderr }] of results.entries()) {
      expect(stderr).toContain(index < 2 ? wrong[index]?.replace('T', ' ').slice(0, 19) : wrong[index]);
    }
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });
});

describe.concurrent('a snapshot that is there already', () => {
  it('is printed as it was published, without a request', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const args = ['--json', '--snapshot-time', instantFromNow(-60_000)];
    const published = await scene.run('sync', args);
    const files = listFiles(scene.output);
    const asked = scene.launchDarkly.requests.length;
    const again = await scene.run('sync', args);
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ ...JSON.parse(published.stdout), alreadyPublished: true });
    const told = await scene.run('sync', args.slice(1));
    expect(told).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('already published') });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
    expect(listFiles(scene.output)).toEqual(files);
  });

  it('ends with 2 where it was planned otherwise: scope, maintainers, or another subset', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, world: twoProjects() });
    const [full, subset] = [instantFromNow(-60_000), instantFromNow(-120_000)];
    expect(await scene.run('sync', ['--snapshot-time', full])).toMatchObject({ exitCode: 0 });
    expect(await scene.run('sync', ['--snapshot-time', subset, '--only', first, '--only', second])).toMatchObject({ exitCode: 0 });
    const files = listFiles(scene.output);
    const asked = scene.launchDarkly.requests.length;
    for (const [told, ...args] of [
      ['scope full', '--snapshot-time', full, '--only', first],
      ['MAINTAINER_DETAILS=keep', '--snapshot-time', full, '--maintainer-details', 'hash'],
      ['scope subset', '--snapshot-time', subset],
      ['other targets', '--snapshot-time', subset, '--only', first],
    ] as const) {
      const result = await scene.run('sync', args);
      expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(told) });
    }
    const sameSet = ['--snapshot-time', subset, '--only', second, '--only', first, '--only', second];
    expect(await scene.run('sync', sameSet)).toMatchObject({ exitCode: 0 });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
    expect(listFiles(scene.output)).toEqual(files);
  });

  it('follows its plan where the list has changed since, and says how to start afresh', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, world: twoProjects(), targets: groups.map(target) });
    const args = ['--snapshot-time', instantFromNow(-60_000)];
    // The plan is there and nothing else: no answer came in time.
    const hurried = ['--max-run-seconds', '1', '--max-requests-per-second', '0.5', '--max-concurrent-requests', '1', ...args];
    const stopped = await scene.run('sync', hurried);
    expect(stopped).toMatchObject({ exitCode: 1 });
    scene.writeTargets([target(first), everyGroupOf('growth')]);
    const result = await scene.run('sync', args);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(/list has changed.*follows the plan.*--snapshot-time/is);
    expect(Object.keys(readOutcomes(scene.output))).toEqual(groups);
    expect(groupsAsked(scene.launchDarkly).sort()).toEqual(groups);
  });

  it('says nothing of a changed list where only order and repetition differ', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, targets: groups.map(target) });
    const args = ['--snapshot-time', instantFromNow(-60_000)];
    const hurried = ['--max-run-seconds', '1', '--max-requests-per-second', '0.5', '--max-concurrent-requests', '1', ...args];
    expect(await scene.run('sync', hurried)).toMatchObject({ exitCode: 1 });
    scene.writeTargets([...groups, first].reverse().map(target));
    const result = await scene.run('sync', args);
    expect(result.exitCode).toBe(0);
    expect(result.stderr).not.toMatch(/list has changed/i);
  });
});
