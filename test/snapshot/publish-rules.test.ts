import { describe, expect, it } from 'vitest';
import type { Status } from '../../lambda/contract/raw.ts';
import { allowedByPercent, describeRefusal, type PublishFacts } from '../../lambda/snapshot/publish-rules.ts';
import { createTargetStatuses } from '../../lambda/snapshot/target-statuses.ts';

/** What the rules say of so many outcomes each, with the defaults of the contract. */
function refusal(counts: { succeeded?: number; not_found?: number; failed?: number }, changes: Partial<PublishFacts> = {}) {
  const { succeeded = 0, not_found = 0, failed = 0 } = counts;
  const count = (status: Status | undefined): number => {
    // Whoever has no answer counts, whatever kept it away.
    const others = { failed: Math.ceil(failed / 2), forbidden: Math.floor(failed / 2), invalid: 0 };
    return status === undefined ? 0 : { succeeded, not_found, ...others }[status];
  };
  return describeRefusal({
    scope: 'full',
    targetCount: succeeded + not_found + failed,
    statuses: { ...createTargetStatuses(0), count },
    maxFailedPercent: 20,
    maxShrinkPercent: 50,
    previous: undefined,
    ...changes,
  });
}
const previously = (targets_succeeded: number) => ({ previous: { snapshot_id: '20261122T060000Z', targets_succeeded } });

describe('a percentage of targets', () => {
  it.each([
    [0, 20, 0],
    [1, 20, 1],
    [5, 20, 1],
    [6, 20, 2],
    [10, 0, 0],
    [10, 100, 10],
    [100, 7, 7],
    [1000, 0.1, 1],
    [1001, 0.1, 2],
    [3, 33.3, 1],
    [10_000_000, 0.7, 70_000],
  ])('of %i by %d percent is %i, rounded up to whole ones', (total, percent, allowed) => {
    expect(allowedByPercent(total, percent) + 0).toBe(allowed);
  });

  it('is exact for every tenth of a percent', () => {
    for (let tenths = 0; tenths <= 1000; tenths++) {
      for (const total of [10, 70, 1000, 3000, 100_000]) {
        expect(allowedByPercent(total, tenths / 10) + 0).toBe(Math.ceil((total * tenths) / 1000));
      }
    }
  });
});

describe('a snapshot is published', () => {
  it('with as many targets without an answer as allowed, and not with one more', () => {
    expect(refusal({ succeeded: 8, failed: 2 })).toBeUndefined();
    expect(refusal({ succeeded: 7, failed: 3 })).toMatch(/^3 of 10 targets are without an answer, and MAX_FAILED_PERCENT=20 allows 2/);
    expect(refusal({ succeeded: 7, failed: 3 }, { maxFailedPercent: 30 })).toBeUndefined();
    expect(refusal({ succeeded: 99, failed: 1 }, { maxFailedPercent: 0 })).toContain('1 of 100 targets');
  });

  it('where not_found is an answer, as long as something succeeded', () => {
    expect(refusal({ succeeded: 1, not_found: 9 })).toBeUndefined();
    expect(refusal({ not_found: 10 })).toMatch(/^no target of 10 succeeded/);
    expect(refusal({ not_found: 10 }, { scope: 'subset' })).toBeUndefined();
  });

  it('although no target succeeded never, whatever is allowed', () => {
    expect(refusal({ failed: 10 }, { maxFailedPercent: 100, maxShrinkPercent: 100 })).toMatch(/^no target of 10 succeeded/);
    expect(refusal({ failed: 10 }, { maxFailedPercent: 100, scope: 'subset' })).toBeUndefined();
  });

  it('where it lost as many as allowed, and not with one more', () => {
    expect(refusal({ succeeded: 50 }, previously(100))).toBeUndefined();
    expect(refusal({ succeeded: 49 }, previously(100))).toMatch(/^49 groups succeeded, 51 fewer than the 100 of snapshot 20261122T060000Z/);
    expect(refusal({ succeeded: 49 }, { ...previously(100), maxShrinkPercent: 51 })).toBeUndefined();
    expect(refusal({ succeeded: 99 }, { ...previously(100), maxShrinkPercent: 0 })).toBeDefined();
    expect(refusal({ succeeded: 101 }, { ...previously(100), maxShrinkPercent: 0 })).toBeUndefined();
    expect(refusal({ succeeded: 1 }, { ...previously(100_000), maxShrinkPercent: 100 })).toBeUndefined();
    expect(refusal({ succeeded: 1 }, { ...previously(100), scope: 'subset' })).toBeUndefined();
  });

  it('where it lost exactly what is allowed, for every tenth of a percent', () => {
    const refused: string[] = [];
    for (const previous of [1000, 3000]) {
      for (let tenths = 1; tenths < 1000; tenths++) {
        const lost = (previous * tenths) / 1000;
        if (!Number.isInteger(lost)) continue;
        const facts = { ...previously(previous), maxShrinkPercent: tenths / 10 };
        if (refusal({ succeeded: previous - lost }, facts) !== undefined) refused.push(`${lost} of ${previous} at ${tenths / 10} %`);
        if (refusal({ succeeded: previous - lost - 1 }, facts) === undefined && lost + 1 < previous)
          refused.push(`not ${lost + 1} of ${previous} at ${tenths / 10} %`);
      }
    }
    expect(refused).toEqual([]);
  });

  it('never without being told how it could be', () => {
    expect(refusal({ failed: 10 })).toMatch(/--max-failed-percent.*maxFailedPercent/);
    expect(refusal({ succeeded: 1 }, previously(10))).toMatch(/--max-shrink-percent.*maxShrinkPercent/);
  });
});
