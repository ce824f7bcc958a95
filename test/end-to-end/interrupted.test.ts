import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { createWorld } from '../launchdarkly/world.ts';
import { listFiles, readComparableLines, readParts, readTable, targetOf } from './read-output.ts';
import { createScene, groupsAsked, inProcess, instantFromNow, requireContract, until } from './scene.ts';

const worldOf = (count: number) => createWorld({ projects: { storefront: count }, metrics: 2, experiments: 1 });
const isPart = (file: string): boolean => /\/parts\/\d{5}-\d{5}\.jsonl\.gz$/.test(file);
const partsIn = (directory: string): string[] => listFiles(directory).filter(isPart);

describe.concurrent('a run that is killed', () => {
  it('is gone on from: nothing answered and written is asked again, and the tables are those of an undisturbed run', async ({
    expect,
    ...context
  }) => {
    const groups = 220;
    const scene = await createScene(context, { ...inProcess, world: worldOf(groups), latencyMs: 15 });
    const args = ['--json', '--snapshot-time', instantFromNow(-60_000)];
    for (const partsAtKill of [1, 2]) {
      const asked = scene.launchDarkly.requests.length;
      const kept = new Set(readParts(scene.output).map(targetOf));
      const run = scene.start('sync', args);
      await until(() => partsIn(scene.output).length >= partsAtKill);
      run.kill('SIGKILL');
      expect((await run.ended).exitCode).toBe(null);
      expect(groupsAsked(scene.launchDarkly, asked).filter((name) => kept.has(name))).toEqual([]);
    }
    const kept = new Set(readParts(scene.output).map(targetOf));
    expect(kept.size).toBeGreaterThan(0);
    const asked = scene.launchDarkly.requests.length;
    const last = await scene.run('sync', args);
    expect(last.exitCode, last.stderr).toBe(0);
    expect(last.stderr).toContain(`${kept.size} of them answered before`);
    const askedLast = groupsAsked(scene.launchDarkly, asked);
    expect(askedLast.filter((name) => kept.has(name))).toEqual([]);
    expect(new Set([...kept, ...askedLast]).size).toBe(groups);
    expect(scene.launchDarkly.requests.slice(asked).filter(({ route }) => route === 'list')).toEqual([]);

    const undisturbed = join(scene.folder, 'undisturbed');
    expect(await scene.run('sync', [...args, '--output', undisturbed])).toMatchObject({ exitCode: 0 });
    expect(readComparableLines(scene.output)).toEqual(readComparableLines(undisturbed));
  });
});

describe.concurrent('a run that is stopped', () => {
  it('by SIGINT ends with 130, with its part written and a word on how to go on', async ({ expect, ...context }) => {
    const groups = 120;
    const scene = await createScene(context, { ...inProcess, world: worldOf(groups), latencyMs: 25 });
    const run = scene.start('sync', ['--json', '--max-concurrent-requests', '4']);
    await until(() => scene.launchDarkly.requests.length > 60);
    const stoppedAtMs = Date.now();
    run.kill('SIGINT');
    const stopped = await run.ended;
    expect(Date.now() - stoppedAtMs).toBeLessThan(5000);
    expect([stopped.exitCode, stopped.stdout]).toEqual([130, '']);
    expect(stopped.stderr).toContain('stopped by SIGINT');
    await requireContract(scene.output);
    const kept = readParts(scene.output).map(targetOf);
    const answered = scene.launchDarkly.requests.filter(({ route, status }) => route === 'single' && status === 200).length;
    // Answers on their way when the signal came may be lost, as many as requests can be open.
    expect(kept.length).toBeGreaterThanOrEqual(answered - 4);
    expect(existsSync(join(scene.output, 'tables'))).toBe(false);

    const [, instant = ''] = /--snapshot-time (\S+)/.exec(stopped.stderr) ?? [];
    expect(stopped.stderr).toContain(`${kept.length} of ${groups} targets are settled and kept`);
    const asked = scene.launchDarkly.requests.length;
    const next = await scene.run('sync', ['--json', '--snapshot-time', instant]);
    expect(next.exitCode, next.stderr).toBe(0);
    const names = groupsAsked(scene.launchDarkly, asked);
    expect(names.filter((name) => kept.includes(name))).toEqual([]);
    expect(names.length).toBe(groups - kept.length);
  });

  it('ends at once at a signal while it waits, and check and discover with it', async ({ expect, ...context }) => {
    const moreThanAPage = 120;
    const budget = { families: { global: { limit: 1 } } };
    const scene = await createScene(context, { world: worldOf(moreThanAPage), budget });
    const commands = [['sync'], ['check'], ['discover', '--project', 'storefront']] as const;
    const runs = commands.map(([command, ...args]) => scene.start(command, args));
    await until(() => scene.launchDarkly.requests.length >= 3);
    const stoppedAtMs = Date.now();
    for (const run of runs) run.kill('SIGINT');
    const results = await Promise.all(runs.map((run) => run.ended));
    expect(Date.now() - stoppedAtMs).toBeLessThan(5000);
    expect(results.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(commands.map(() => [130, '']));
  });
});

// The fault suite does the same at each step, with three runs and in S3.
describe.concurrent('two runs of one snapshot at once', () => {
  it('both end with 0, with one seal, one commit and the right rows', async ({ expect, ...context }) => {
    const scene = await createScene(context, { ...inProcess, world: worldOf(120), latencyMs: 5 });
    const args = ['--json', '--snapshot-time', instantFromNow(-60_000)];
    const runs = [1, 2].map(() => scene.start('sync', args));
    const results = await Promise.all(runs.map((run) => run.ended));
    expect(
      results.map(({ exitCode }) => exitCode),
      results.map(({ stderr }) => stderr).join('\n'),
    ).toEqual([0, 0]);
    await requireContract(scene.output);
    const files = listFiles(scene.output);
    for (const once of [/plan\.jsonl\.gz$/, /seal\.json\.gz$/, /^tables\/sync_snapshots\//]) {
      expect(files.filter((file) => once.test(file))).toHaveLength(1);
    }
    expect(files.filter((file) => file.endsWith('.tmp'))).toEqual([]);
    const rows = results.map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>);
    const [commit] = readTable(scene.output, 'sync_snapshots');
    for (const { alreadyPublished: _, ...row } of rows) expect(row).toEqual(commit);

    const alone = join(scene.folder, 'undisturbed');
    expect(await scene.run('sync', [...args, '--output', alone])).toMatchObject({ exitCode: 0 });
    expect(readComparableLines(scene.output)).toEqual(readComparableLines(alone));
  });
});
