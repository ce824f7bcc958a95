import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statuses } from '../../lambda/contract/raw.ts';
import { settleSlice } from '../../lambda/transform/settle-slice.ts';
import { lineOf, planned } from './part-lines.ts';

const a = planned('a');
const b = planned('b', true);

describe('settling a slice', () => {
  it('takes the only outcome of each target, in the order of the plan', () => {
    const lines = [lineOf('b', 'failed'), lineOf('a', 'succeeded')];
    expect(settleSlice([a, b], lines)).toEqual({
      outcomes: [
        { target: a, line: lines[1] },
        { target: b, line: lines[0] },
      ],
      requests: 2,
      retries: 0,
      rateLimited: 0,
    });
  });

  it.each([
    ['the first answer', ['failed', 'succeeded', 'not_found', 'failed'], 1],
    ['a not_found before a succeeded', ['not_found', 'succeeded'], 0],
    ['the last outcome where none is an answer', ['failed', 'forbidden', 'invalid'], 2],
    ['an answer after any outcome', ['forbidden', 'invalid', 'failed', 'not_found'], 3],
  ] as const)('counts %s', (_case, order, counting) => {
    const lines = order.map((status, index) => lineOf('a', status, { duration_ms: index }));
    expect(settleSlice([a], lines).outcomes).toEqual([{ target: a, line: lines[counting] }]);
  });

  it('adds up all lines, also those that do not count', () => {
    const lines = [
      lineOf('a', 'failed', { attempts: 6, rate_limited_count: 2 }),
      lineOf('a', 'succeeded', { attempts: 1 }),
      lineOf('b', 'invalid', { attempts: 0, http_status: null, error_code: 'invalid_key' }),
      lineOf('a', 'succeeded', { attempts: 3, rate_limited_count: 1 }),
    ];
    expect(settleSlice([a, b], lines)).toMatchObject({ requests: 10, retries: 7, rateLimited: 3 });
  });

  it('tells targets apart whatever their keys hold', () => {
    const one = { project_key: 'x', metric_group_key: 'y/z', discovered: false };
    const other = { project_key: 'x/y', metric_group_key: 'z', discovered: false };
    const lines = [one, other].map(({ project_key }) => lineOf(project_key === 'x' ? 'y/z' : 'z', 'failed', { project_key }));
    expect(settleSlice([one, other], lines).outcomes).toEqual([
      { target: one, line: lines[0] },
      { target: other, line: lines[1] },
    ]);
  });

  it('leaves out a target without any outcome', () => {
    expect(settleSlice([a, b], [lineOf('b', 'failed')]).outcomes.map(({ target }) => target)).toEqual([b]);
  });
});

describe('whatever the order of outcomes over parts', () => {
  const keys = ['a', 'b', 'c', 'd'];
  const line = fc
    .record({
      key: fc.constantFrom(...keys),
      status: fc.constantFrom(...statuses),
      attempts: fc.nat(20),
      rateLimited: fc.nat(20),
      durationMs: fc.nat(),
    })
    .map(({ key, status, attempts, rateLimited, durationMs }) =>
      lineOf(key, status, { attempts, rate_limited_count: Math.min(attempts, rateLimited), duration_ms: durationMs, body: null }),
    );

  it('the first answer counts, else the last outcome, and all lines add up', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const settled = settleSlice(
          keys.map((key) => planned(key)),
          lines,
        );
        const expected = keys.flatMap((key) => {
          const own = lines.filter(({ metric_group_key }) => metric_group_key === key);
          const counting = own.find(({ status }) => status === 'succeeded' || status === 'not_found') ?? own.at(-1);
          return counting === undefined ? [] : [{ target: planned(key), line: counting }];
        });
        const sum = (of: (it: (typeof lines)[number]) => number): number => lines.reduce((total, it) => total + of(it), 0);
        expect(settled).toEqual({
          outcomes: expected,
          requests: sum(({ attempts }) => attempts),
          retries: sum(({ attempts }) => (attempts > 0 ? attempts - 1 : 0)),
          rateLimited: sum(({ rate_limited_count }) => rate_limited_count),
        });
        settled.outcomes.forEach(({ line }, index) => {
          expect(line).toBe(expected[index]?.line);
        });
      }),
    );
  });
});
