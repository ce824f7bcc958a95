import { rmSync } from 'node:fs';
import { describe, it } from 'vitest';
import { listFiles, readTable } from './read-output.ts';
import { createScene, inProcess } from './scene.ts';

const right = { projectKey: 'storefront', metricGroupKey: 'checkout-funnel-000000' };

/** Entries that are wrong, each with what the message must show of it. */
const wrongEntries: readonly (readonly [entry: unknown, ...shown: string[]])[] = [
  [null, 'null'],
  ['storefront/checkout', '"storefront/checkout"'],
  [7, '7'],
  [['storefront', 'checkout'], '["storefront","checkout"]'],
  [{}, 'projectKey', 'metricGroupKey'],
  [{ projectKey: 'storefront' }, 'metricGroupKey'],
  [{ ...right, metricGroupKey: null }, 'metricGroupKey is null'],
  [{ ...right, metricGroupKey: '' }, 'metricGroupKey is ""'],
  [{ ...right, metricGroupKey: '..' }, 'metricGroupKey is ".."'],
  [{ ...right, metricGroupKey: 'a/../../b' }, '"a/../../b"'],
  [{ ...right, metricGroupKey: 'a b' }, '"a b"'],
  [{ ...right, metricGroupKey: 'checkout*' }, '"checkout*"'],
  [{ ...right, metricGroupKey: 'k'.repeat(257) }, 'kkkkk'],
  [{ ...right, projectKey: '*' }, 'projectKey is "*"'],
  [{ ...right, projectKey: '.' }, 'projectKey is "."'],
  [{ ...right, projectKey: 'ключ' }, '"ключ"'],
  [{ ...right, projectKey: ['storefront'] }, 'projectKey is ["storefront"]'],
  [{ ...right, metricsGroupKey: 'typo' }, 'metricsGroupKey'],
];

describe.concurrent('the list of targets', () => {
  it('names each wrong entry with the value got, and does nothing', async ({ expect, ...context }) => {
    const list = [right, ...wrongEntries.map(([entry]) => entry), right];
    const scene = await createScene(context, { ...inProcess, targets: list });
    for (const command of ['sync', 'check']) {
      const { exitCode, stdout, stderr } = await scene.run(command, ['--json']);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain(scene.targets);
      for (const [index, [, ...shown]] of wrongEntries.entries()) {
        const said = stderr
          .split('\n')
          .filter((line) => line.includes(`[${index + 1}]`))
          .join('\n');
        for (const text of shown) expect(said).toContain(text);
      }
      for (const index of [0, list.length - 1]) expect(stderr).not.toContain(`[${index}]`);
    }
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  it('names each wrong entry however many there are', async ({ expect, ...context }) => {
    const scene = await createScene(context, {
      ...inProcess,
      targets: Array.from({ length: 60 }, (_, n) => ({ ...right, metricGroupKey: `a ${n}` })),
    });
    const { exitCode, stderr } = await scene.run('sync');
    expect(exitCode).toBe(2);
    expect(Array.from({ length: 60 }, (_, n) => n).filter((n) => !stderr.includes(`[${n}]`))).toEqual([]);
  });

  it('takes entries with __proto__ or a repeated property for what they are', async ({ expect, ...context }) => {
    const scene = await createScene(context, {
      ...inProcess,
      targets: `[{"__proto__":{"projectKey":"storefront","metricGroupKey":"a"}},{"projectKey":"storefront","metricGroupKey":"a","__proto__":{}}]`,
    });
    const { exitCode, stderr } = await scene.run('sync');
    expect(exitCode).toBe(2);
    for (const told of ['[0]', '[1]', '__proto__']) expect(stderr).toContain(told);
    expect(scene.launchDarkly.requests).toEqual([]);
  });

  it('ends with 2 where it is empty, no JSON or missing', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    for (const [text, told] of [
      ['[]', 'empty'],
      ['[{', 'not JSON'],
      ['['.repeat(100_000), 'nested deeper than 500 levels'],
      [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'nested deeper than 500 levels'],
    ] as const) {
      scene.writeTargets(text);
      const result = await scene.run('sync');
      expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(told) });
      expect(result.stderr).toContain(scene.targets);
      expect(result.stderr).not.toContain('unexpected error');
    }
    rmSync(scene.targets);
    expect(await scene.run('sync')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(scene.targets) });
    expect([scene.launchDarkly.requests, listFiles(scene.folder)]).toEqual([[], []]);
  });

  it('ends with 1 where it is there and cannot be read', async ({ expect, ...context }) => {
    const scene = await createScene(context, inProcess);
    const result = await scene.run('sync', ['--targets', scene.folder]);
    expect(result).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(scene.folder) });
    expect([scene.launchDarkly.requests, listFiles(scene.output)]).toEqual([[], []]);
  });

  it('may begin with a byte order mark, repeat itself, and list by name what a * finds', async ({ expect, ...context }) => {
    const scene = await createScene(context, {
      ...inProcess,
      targets: `\uFEFF${JSON.stringify([right, right, { ...right, metricGroupKey: '*' }, { metricGroupKey: '*', projectKey: 'storefront' }])}`,
    });
    expect(await scene.run('sync')).toMatchObject({ exitCode: 0 });
    expect(readTable(scene.output, 'sync_targets').map(({ metric_group_key, discovered }) => [metric_group_key, discovered])).toEqual([
      ['checkout-funnel-000000', false],
      ['page-speed-guardrail-000002', true],
      ['signup-funnel-000001', true],
    ]);
    expect(scene.launchDarkly.requests).toHaveLength(4);
  });
});
