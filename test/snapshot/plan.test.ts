import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { PlanHeader } from '../../lambda/contract/raw.ts';
import { encodePlan, readPlan, type Slice } from '../../lambda/snapshot/plan.ts';

const headerOf = (count: number): PlanHeader => ({
  format: 1,
  scope: 'full',
  maintainer_details: 'keep',
  targets: Array.from({ length: count }, (_, index) => ({ projectKey: 'demo', metricGroupKey: `group-${index}` })),
  started_at: '2026-11-23 06:00:00.000',
  requests: 3,
  rate_limited: 1,
});
const target = { project_key: 'demo', metric_group_key: 'group-0', discovered: false };

describe('a plan', () => {
  test.each([0, 1, 5_000])(
    'with a list of %d has the header as its first line, in one piece, and a line for each target',
    async (count) => {
      const header = headerOf(count);
      const text = gunzipSync(await encodePlan(header, [target])).toString();
      expect(text).toBe(`${JSON.stringify(header)}\n${JSON.stringify(target)}\n`);
    },
  );

  test('is read back with its list', async () => {
    const header = headerOf(5_000);
    const plan = await readPlan(await encodePlan(header, [target]), 'the plan');
    const { targets, ...rest } = header;
    expect([plan.header, plan.targetCount, await plan.readGivenTargets()]).toEqual([rest, 1, targets]);
    const slices: Slice[] = [];
    for await (const slice of plan.slices()) slices.push(slice);
    expect(slices).toEqual([{ index: 0, targets: [target] }]);
  });
});
