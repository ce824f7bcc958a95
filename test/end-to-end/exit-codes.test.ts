import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { failWith, hang, onGroups } from '../launchdarkly/faults.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { listFiles, readTable } from './read-output.ts';
import { createScene, everyGroupOf, inProcess, instantFromNow, target } from './scene.ts';

const keys = ['checkout-funnel-000000', 'page-speed-guardrail-000002', 'signup-funnel-000001'] as const;

describe.concurrent('sync', () => {
  it('ends with 0 for a complete snapshot, and prints its row alone on stdout with --json', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const { exitCode, stdout, stderr } = await scene.run('sync', ['--json', '--snapshot-time', instantFromNow(-60_000)]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    const row = JSON.parse(stdout) as Record<string, unknown>;
    expect([row]).toEqual(readTable(scene.output, 'sync_snapshots'));
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    expect(row).toEqual({
      run_id: expect.stringMatching(/./),
      status: 'complete',
      scope: 'full',
      started_at: instant,
      finished_at: instant,
      targets_total: 3,
      targets_succeeded: 3,
      targets_not_found: 0,
      targets_forbidden: 0,
      targets_invalid: 0,
      targets_failed: 0,
      requests_total: 4,
      retries_total: 0,
      rate_limited_total: 0,
      metric_group_rows: 3,
      metric_group_metric_rows: 15,
      metric_group_experiment_rows: 9,
      unknown_fields: [],
      code_version: packageJson.version,
      snapshot_id: expect.stringMatching(/^\d{8}T\d{6}Z$/),
      snapshot_at: instant,
    });
    expect(stderr).toContain('3 targets');
    expect(stderr).not.toContain('{');
  });

  it('tells people on stdout what was published and where, and on stderr how it went', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, targets: [target(`storefront/${keys[0]}`), target('storefront/gone')] });
    const { exitCode, stdout, stderr } = await scene.run('sync');
    expect(exitCode).toBe(0);
    for (const told of ['complete', '1 succeeded, 1 not found', '1 groups, 5 metrics, 3 experiments', `${scene.output}/tables`, 'gone'])
      expect(stdout).toContain(told);
    expect(stderr).not.toContain('complete');
    expect(stderr).not.toBe('');
  });

  it('ends with 3 for a partial snapshot, and again with 3 where it finds it published', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, faults: [failWith(onGroups(keys[1]), 403)] });
    const args = ['--json', '--max-failed-percent', '40', '--snapshot-time', instantFromNow(-60_000)];
    const first = await scene.run('sync', args);
    expect(first.exitCode).toBe(3);
    const row = JSON.parse(first.stdout);
    expect(row).toMatchObject({ status: 'partial', targets_succeeded: 2, targets_forbidden: 1 });
    const asked = scene.launchDarkly.requests.length;
    const second = await scene.run('sync', args);
    expect(second.exitCode).toBe(3);
    expect(JSON.parse(second.stdout)).toEqual({ ...row, alreadyPublished: true });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
  });

  it('ends with 1 where more failed than is allowed, says which and what to do, and asks the rest again', async ({
    expect,
    ...context
  }) => {
    const scene = await createScene(context, { ...inProcess, faults: [failWith(onGroups(keys[1]), 403)] });
    const args = ['--json', '--max-failed-percent', '0', '--snapshot-time', instantFromNow(-60_000)];
    const refused = await scene.run('sync', args);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    for (const told of ['MAX_FAILED_PERCENT', '1 of 3', keys[1], '→']) expect(refused.stderr).toContain(told);
    expect(listFiles(scene.output).filter((file) => file.startsWith('tables') || file.includes('seal'))).toEqual([]);
    scene.launchDarkly.setFaults([]);
    const asked = scene.launchDarkly.requests.length;
    expect(await scene.run('sync', args)).toMatchObject({ exitCode: 0 });
    expect(scene.launchDarkly.requests.slice(asked).map(({ metricGroupKey }) => metricGroupKey)).toEqual([keys[1]]);
  });

  it('ends with 1 for a refused token, a list without a success, an unknown project and an empty one', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, world: createWorld({ projects: { storefront: 3, empty: 0 } }) });
    const refused = await scene.run('sync', ['--json'], { environment: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-wrong' } });
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('401') });
    expect(refused.stderr).not.toContain('api-wrong');
    // A snapshot each, however fast one follows the other.
    for (const [entry, told, ago] of [
      [target('storefront/gone'), 'no target of 1 succeeded', 60_000],
      [everyGroupOf('nowhere'), 'nowhere', 50_000],
      [everyGroupOf('empty'), 'no metric group', 40_000],
    ] as const) {
      scene.writeTargets([entry]);
      const result = await scene.run('sync', ['--json', '--snapshot-time', instantFromNow(-ago)]);
      expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(told) });
    }
    expect(listFiles(scene.output).filter((file) => file.startsWith('tables'))).toEqual([]);
  });

  it('ends with 1 where time runs out, and keeps what was answered', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, faults: [hang(onGroups(keys[2]))] });
    const stopped = await scene.run('sync', ['--max-run-seconds', '3', '--snapshot-time', instantFromNow(-60_000)]);
    expect(stopped).toMatchObject({ exitCode: 1, stdout: '' });
    for (const told of [/--snapshot-time \d{4}-\d\d-\d\dT/, /time ran out: 2 of 3 targets/]) expect(stopped.stderr).toMatch(told);
    expect(listFiles(scene.output).some((file) => file.includes('/parts/'))).toBe(true);
  });
});

describe.concurrent('check', () => {
  it('ends with 0 where all is well, and writes nothing', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, targets: [target(`storefront/${keys[0]}`), everyGroupOf('storefront')] });
    const { exitCode, stdout } = await scene.run('check', ['--json']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { projectKey: 'storefront', metricGroupKey: keys[0], status: 'succeeded', message: expect.any(String) },
      { projectKey: 'storefront', metricGroupKey: '*', status: 'succeeded', message: '3 metric groups' },
    ]);
    expect(await scene.run('check')).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining(keys[0]) });
    expect(existsSync(scene.output)).toBe(false);
  });

  it('ends with 1 and reports all that cannot be read in one go', async ({ expect, ...context }) => {
    const faults = [failWith(onGroups(keys[1]), 403), failWith(onGroups(keys[2]), 200, '{"key":7}')];
    const targets = [...keys.map((key) => target(`storefront/${key}`)), target('storefront/gone'), everyGroupOf('nowhere')];
    const scene = await createScene(context, { ...inProcess, faults, targets });
    const { exitCode, stdout, stderr } = await scene.run('check', ['--json', '--output', scene.targets]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(scene.targets);
    const entries = JSON.parse(stdout) as { metricGroupKey: string; status: string; message: string }[];
    expect(entries.map(({ metricGroupKey, status }) => [metricGroupKey, status])).toEqual([
      [keys[0], 'succeeded'],
      [keys[1], 'forbidden'],
      [keys[2], 'invalid'],
      ['gone', 'not_found'],
      ['*', 'not_found'],
    ]);
    expect(entries.every(({ message }) => message !== '')).toBe(true);
  });

  it('ends with 1 for a token that is no good', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const result = await scene.run('check', ['--json'], { environment: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-wrong' } });
    expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('401') });
    expect(JSON.parse(result.stdout)).toEqual([
      { projectKey: 'storefront', metricGroupKey: '*', status: expect.any(String), message: expect.stringMatching(/./) },
    ]);
  });
});

describe.concurrent('discover', () => {
  it('prints targets that sync takes as its list, and needs neither targets nor output', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const { exitCode, stdout } = await scene.run('discover', ['--project', 'storefront']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual(
      ['checkout-funnel-000000', 'signup-funnel-000001', 'page-speed-guardrail-000002'].map((key) => target(`storefront/${key}`)),
    );
    scene.writeTargets(stdout);
    expect(await scene.run('sync')).toMatchObject({ exitCode: 0 });
    expect(readTable(scene.output, 'sync_targets').map(({ discovered }) => discovered)).toEqual([false, false, false]);
  });

  it('ends with 1 for an unknown project, and with 2 without one', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    expect(await scene.run('discover', ['--project', 'nowhere'])).toMatchObject({ exitCode: 1, stdout: '' });
    const asked = scene.launchDarkly.requests.length;
    expect(await scene.run('discover')).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('--project') });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
  });
});

describe.concurrent('the command line itself', () => {
  it('ends with 0 for help and version, on stdout, and with 2 for words it does not know', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const [help, version, none, unknown] = await Promise.all(
      [['sync', '--help'], ['--version'], [], ['unpublish']].map((args) => scene.runBare(args)),
    );
    expect(help).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('--max-failed-percent') });
    expect(version).toEqual({ exitCode: 0, stderr: '', stdout: `${packageJson.version}\n` });
    expect(none).toMatchObject({ exitCode: 2, stdout: '' });
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining('unknown command') });
    expect(listFiles(scene.folder)).toEqual(['targets.json']);
    expect(readFileSync(scene.targets, 'utf8')).not.toBe('');
  });
});
