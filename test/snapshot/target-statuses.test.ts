import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statuses } from '../../lambda/contract/raw.ts';
import { createTargetStatuses } from '../../lambda/snapshot/target-statuses.ts';

describe('the statuses of a plan', () => {
  it('are none at first', () => {
    const all = createTargetStatuses(250);
    expect(all.get(0, 0)).toBeUndefined();
    expect([undefined, ...statuses].map((status) => all.count(status))).toEqual([250, 0, 0, 0, 0, 0]);
  });

  it('are kept by slice and position', () => {
    const all = createTargetStatuses(250);
    all.record(0, 99, 'failed');
    all.record(1, 0, 'succeeded');
    all.record(2, 49, 'not_found');
    expect([all.get(0, 99), all.get(1, 0), all.get(2, 49), all.get(1, 1)]).toEqual(['failed', 'succeeded', 'not_found', undefined]);
    expect([undefined, ...statuses].map((status) => all.count(status))).toEqual([247, 1, 1, 0, 0, 1]);
  });

  it('are copied so that later records leave the copy alone', () => {
    const all = createTargetStatuses(1);
    const copy = all.copy();
    all.record(0, 0, 'failed');
    expect([all.get(0, 0), copy.get(0, 0)]).toEqual(['failed', undefined]);
    copy.record(0, 0, 'succeeded');
    expect([all.get(0, 0), copy.get(0, 0)]).toEqual(['failed', 'succeeded']);
  });

  it('are the first answer, else the last outcome, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...statuses)), (order) => {
        const all = createTargetStatuses(1);
        for (const status of order) all.record(0, 0, status);
        const counting = order.find((status) => status === 'succeeded' || status === 'not_found') ?? order.at(-1);
        expect(all.get(0, 0)).toBe(counting);
        expect(all.count(counting)).toBe(1);
      }),
    );
  });
});
