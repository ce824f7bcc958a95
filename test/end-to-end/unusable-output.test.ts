import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { listFiles } from './read-output.ts';
import { createScene, inProcess, instantFromNow } from './scene.ts';

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
/** Whether a user without rights may read this checkout: for root nothing is read-only, so that the command must run with the rights of somebody else. */
const isCheckoutOpen = pathsUpFrom(fileURLToPath(import.meta.url)).every((path) => (statSync(path).mode & 0o5) === 0o5);

const canBeSomebodyElse = !isRoot || isCheckoutOpen;
const noOtherUser = 'they need a user without rights: do not run it as root, or let others read the checkout and the folders above';
if (!canBeSomebodyElse) console.warn(`Three tests of an unusable output are skipped: ${noOtherUser}`);

function pathsUpFrom(file: string): string[] {
  const path = dirname(file);
  return path === dirname(path) ? [path] : [path, ...pathsUpFrom(path)];
}

/** Does work with the rights of a user who has none, and takes root's back. */
async function withoutRights<T>(work: () => Promise<T>): Promise<T> {
  if (!isRoot) return work();
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

describe.concurrent('an output that cannot be used', () => {
  it('ends with 1 where a file stands in its place or in its way, before anything is asked', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const file = join(scene.folder, 'file');
    writeFileSync(file, 'mine');
    for (const output of [file, join(file, 'far', 'below')]) {
      const result = await scene.run('sync', ['--output', output]);
      expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(output) });
      expect(result.stderr).toContain('a file stands where a directory must be');
    }
    expect(scene.launchDarkly.requests).toEqual([]);
    expect(await scene.run('check', ['--output', file])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(file) });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(listFiles(scene.folder)).toEqual(['file', 'targets.json']);
  });

  it('ends with 1 where a directory stands in the place of an object', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const instant = instantFromNow(-60_000);
    const id = instant.replaceAll(/[-:]/g, '');
    mkdirSync(join(scene.output, `raw/snapshot_date=${instant.slice(0, 10)}/${id}/plan.jsonl.gz`), { recursive: true });
    const result = await scene.runBare(['sync', ...scene.flags, '--snapshot-time', instant]);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('plan.jsonl.gz') });
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  it('ends with 1 where a file stands in a table’s place, and finishes once it is gone, asking nothing again', async ({
    expect,
    ...context
  }) => {
    const scene = await createScene(context, inProcess);
    const inTheWay = join(scene.output, 'tables', 'metric_groups');
    mkdirSync(join(scene.output, 'tables'), { recursive: true });
    writeFileSync(inTheWay, '');
    const args = ['--snapshot-time', instantFromNow(-60_000)];
    const result = await scene.runBare(['sync', ...scene.flags, ...args]);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(inTheWay) });
    expect(listFiles(scene.output).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    rmSync(inTheWay);
    const asked = scene.launchDarkly.requests.length;
    expect(await scene.run('sync', args)).toMatchObject({ exitCode: 0 });
    expect(scene.launchDarkly.requests).toHaveLength(asked);
  });
});

// One after the other: the rights that one of them has, all of this process has.
describe('an output that this user may not use', () => {
  it('ends with 1 where it is read-only, before anything is asked', async ({ expect, skip, ...context }) => {
    skip(!canBeSomebodyElse, noOtherUser);
    const scene = await createScene(context, inProcess);
    for (const path of [scene.folder, scene.targets]) chmodSync(path, 0o755);
    mkdirSync(scene.output, { mode: 0o755 });
    chmodSync(scene.output, isRoot ? 0o755 : 0o555);
    for (const output of [scene.output, join(scene.output, 'below')]) {
      const result = await withoutRights(() => scene.run('sync', ['--output', output]));
      expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(output) });
      expect(result.stderr).toContain('permission denied');
    }
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  it('ends with 1 where it cannot be listed, also for check', async ({ expect, skip, ...context }) => {
    skip(!canBeSomebodyElse, noOtherUser);
    const scene = await createScene(context, inProcess);
    for (const path of [scene.folder, scene.targets]) chmodSync(path, 0o755);
    mkdirSync(join(scene.output, 'tables'), { recursive: true });
    chmodSync(scene.output, isRoot ? 0o700 : 0);
    const [synced, checked] = await withoutRights(async () => [
      await scene.runBare(['sync', ...scene.flags]),
      await scene.runBare(['check', ...scene.flags, '--json']),
    ]);
    if (!isRoot) chmodSync(scene.output, 0o700);
    for (const { exitCode, stderr } of [synced, checked]) {
      expect(exitCode).toBe(1);
      expect(stderr).toContain(scene.output);
    }
    expect(JSON.parse(checked.stdout)).toMatchObject([{ metricGroupKey: '*', status: 'succeeded' }]);
    expect(existsSync(join(scene.output, 'raw'))).toBe(false);
  });

  it('is not empty for query where a folder may not be read', async ({ expect, skip, ...context }) => {
    skip(!canBeSomebodyElse, noOtherUser);
    const scene = await createScene(context, inProcess);
    const closed = join(scene.output, 'tables/metric_groups/snapshot_date=2026-11-23');
    mkdirSync(closed, { recursive: true });
    chmodSync(scene.folder, 0o755);
    chmodSync(closed, isRoot ? 0o700 : 0);
    const args = ['query', '--output', scene.output, 'select count(*) from metric_groups'];
    const result = await withoutRights(() => scene.runBare(args));
    if (!isRoot) chmodSync(closed, 0o700);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(closed) });
  });
});
