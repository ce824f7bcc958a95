import { describe, expect, it } from 'vitest';
import type { Target } from '../../lambda/contract/raw.ts';
import { resolveTargets } from '../../lambda/extract/resolve-targets.ts';
import { answerOf, createFakeClient } from './answers.ts';

const target = (projectKey: string, metricGroupKey: string): Target => ({ projectKey, metricGroupKey });
const listings: Readonly<Record<string, readonly string[]>> = { growth: ['b', '\u{1f600}', '\ufffd', 'a'], empty: [] };

/** Resolves against projects that are listed above; any other is unknown. */
async function resolve(...targets: Target[]) {
  const { client, paths } = createFakeClient((path) => {
    const keys = listings[path.split('/')[4] ?? ''];
    if (keys === undefined) return answerOf(404, { code: 'not_found', message: 'Unknown resource' });
    return answerOf(200, { items: keys.map((key) => ({ key })), totalCount: keys.length });
  });
  return { resolved: await resolveTargets(targets, client, 'keep'), paths };
}

describe('the targets of a plan', () => {
  it('are those given, sorted by UTF-8 bytes and each of them once, without any request', async () => {
    const { resolved, paths } = await resolve(target('z', 'a'), target('a', 'z'), target('a', 'Z'), target('z', 'a'));
    expect(resolved).toEqual({
      targets: [
        { project_key: 'a', metric_group_key: 'Z', discovered: false },
        { project_key: 'a', metric_group_key: 'z', discovered: false },
        { project_key: 'z', metric_group_key: 'a', discovered: false },
      ],
      requests: 0,
      rateLimited: 0,
    });
    expect(paths).toEqual([]);
  });

  it('hold every group of a project for *, and one listed by name counts as such', async () => {
    const { resolved, paths } = await resolve(target('growth', '*'), target('growth', 'b'), target('growth', 'new'), target('growth', '*'));
    expect(resolved).toEqual({
      targets: [
        { project_key: 'growth', metric_group_key: 'a', discovered: true },
        { project_key: 'growth', metric_group_key: 'b', discovered: false },
        { project_key: 'growth', metric_group_key: 'new', discovered: false },
        { project_key: 'growth', metric_group_key: '\ufffd', discovered: true },
        { project_key: 'growth', metric_group_key: '\u{1f600}', discovered: true },
      ],
      requests: 1,
      rateLimited: 0,
    });
    expect(paths).toHaveLength(1);
  });

  it('are none for a project without groups', async () => {
    expect((await resolve(target('empty', '*'))).resolved).toEqual({ targets: [], requests: 1, rateLimited: 0 });
  });

  it('cannot be told where a project cannot be listed: every such project is named', async () => {
    await expect(resolve(target('gone', '*'), target('growth', '*'), target('lost', '*'))).rejects.toMatchObject({
      name: 'SyncError',
      kind: 'launchdarkly',
      message: expect.stringMatching(
        /^the metric groups of project gone cannot be listed: Unknown resource \(not_found\)\nthe metric groups of project lost cannot be listed: /,
      ),
    });
  });
});
