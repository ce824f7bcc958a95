import { describe, expect, it } from 'vitest';
import {
  adviceFor,
  describeDuration,
  describeFailures,
  describeProgress,
  describeSummary,
  describeWait,
  type FailureKind,
} from '../../lambda/cli/describe.ts';
import { toRfc3339 } from '../../lambda/contract/instants.ts';
import type { Row } from '../../lambda/contract/tables.ts';
import { safeText } from '../../lambda/safe-text.ts';
import { lineOf } from '../transform/part-lines.ts';

const row: Row<'sync_snapshots'> = {
  run_id: 'r',
  status: 'partial',
  scope: 'full',
  started_at: '2026-11-23 06:00:00.000',
  finished_at: '2026-11-23 06:05:00.000',
  targets_total: 12_345,
  targets_succeeded: 12_000,
  targets_not_found: 340,
  targets_forbidden: 0,
  targets_invalid: 1,
  targets_failed: 4,
  requests_total: 13_000,
  retries_total: 5,
  rate_limited_total: 1,
  metric_group_rows: 12_000,
  metric_group_metric_rows: 60_000,
  metric_group_experiment_rows: 0,
  unknown_fields: [],
  code_version: '1',
  snapshot_id: '20261123T060000Z',
  snapshot_at: '2026-11-23 06:00:00.000',
};
const asked = { requests: 1_234, rateLimited: 3, waitedMs: 125_000 };

describe('texts from outside', () => {
  it('hold nothing that a terminal would obey', () => {
    expect(safeText('a\u001b[31mb\r\nc\u0000\u0007\u009b2Jd\u202ee\u2028f')).toBe('a [31mb c 2Jd e f');
  });

  it('are cut to a line’s worth', () => {
    expect(safeText('x'.repeat(300))).toHaveLength(300);
    expect(safeText('x'.repeat(301))).toBe(`${'x'.repeat(299)}…`);
    expect(safeText('abcdef', 4)).toBe('abc…');
  });
});

it.each([
  [-5, '0 s'],
  [400, '0 s'],
  [6_400, '6 s'],
  [99_000, '99 s'],
  [100_000, '2 min'],
  [240_000, '4 min'],
  [7_500_000, '2 h 5 min'],
])('%i ms are %s for people', (ms, text) => {
  expect(describeDuration(ms)).toBe(text);
});

it('an instant is for people what --snapshot-time takes', () => {
  expect(toRfc3339(Date.parse('2026-11-23T06:00:00.999Z'))).toBe('2026-11-23T06:00:00Z');
});

describe('progress', () => {
  const state = { done: 1_500, total: 12_345, settled: 100, elapsedMs: 20_000, wait: undefined };

  it('tells done and total, rate and time left', () => {
    expect(describeProgress(state)).toBe('1,500/12,345 targets · 5.0/s · about 36 min left');
    expect(describeProgress({ ...state, settled: 400 })).toBe('1,500/12,345 targets · 20/s · about 9 min left');
  });

  it('promises nothing before anything is settled, and nothing at the end', () => {
    expect(describeProgress({ ...state, settled: 0 })).toBe('1,500/12,345 targets');
    expect(describeProgress({ ...state, elapsedMs: 0 })).toBe('1,500/12,345 targets');
    expect(describeProgress({ ...state, done: 12_345 })).toBe('12,345/12,345 targets · 5.0/s');
  });

  it('tells the wait it is in and why, until it is over', () => {
    const wait = { forMs: 6_000, reason: { why: 'rate limited' } } as const;
    expect(describeProgress({ ...state, settled: 0, wait })).toBe(
      '1,500/12,345 targets · LaunchDarkly answered 429, too many requests: next in 6 s',
    );
    expect(describeProgress({ ...state, settled: 0, wait: { ...wait, forMs: -1 } })).toBe('1,500/12,345 targets');
    expect(describeWait({ forMs: 400, reason: { why: 'spacing' } })).toBe('the pace of MAX_REQUESTS_PER_SECOND: next in 0 s');
  });
});

describe('failures', () => {
  const failure = (changes: Partial<FailureKind> = {}): FailureKind => ({
    status: 'failed',
    code: 'timeout',
    count: 1_200,
    example: lineOf('checkout', 'failed', { error_message: 'no whole\nanswer\u001b[2J' }),
    ...changes,
  });

  it('are told by kind, with one example and what to do', () => {
    expect(describeFailures([failure()])).toEqual([
      '  failed (timeout) ×1,200, such as demo/checkout: no whole answer [2J\n    → run again later, or raise REQUEST_TIMEOUT_MS',
    ]);
  });

  it('come with the advice that fits', () => {
    expect(adviceFor('not_found', 'not_found')).toContain('deleted');
    expect(adviceFor('forbidden', 'forbidden')).toContain('role read access');
    expect(adviceFor('invalid', 'invalid_key')).toContain('nothing to do');
    expect(adviceFor('invalid', 'http_302')).toContain('LAUNCHDARKLY_BASE_URL');
    expect(adviceFor('invalid', 'invalid_body')).toContain('newer version');
    expect(adviceFor('failed', 'network')).toContain('run again later');
    expect(adviceFor('failed', 'http_503')).toContain('run again later');
  });
});

describe('the summary', () => {
  it('tells what a person wants to know', () => {
    const text = describeSummary({ row, alreadyPublished: false, asked, failures: [], outputUri: 's3://bucket/prefix/' });
    expect(text.split('\n').slice(0, 5)).toEqual([
      'Snapshot 20261123T060000Z is published: partial',
      '  targets   12,345: 12,000 succeeded, 340 not found, 1 invalid, 4 failed',
      '  rows      12,000 groups, 60,000 metrics, 0 experiments',
      '  requests  1,234 in this run (3 answered 429), 2 min waited for rate limits',
      '  tables    s3://bucket/prefix/tables',
    ]);
  });

  it('says nothing of requests where it was published before', () => {
    const text = describeSummary({ row, alreadyPublished: true, asked, failures: [], outputUri: './out' });
    expect(text).toContain('is already published: partial');
    expect(text).not.toContain('requests');
  });

  it('names some unknown fields, safe for a terminal', () => {
    const unknown_fields = ['zFuture', '["\u001b[2J"]', ...Array.from({ length: 20 }, (_, n) => `z${n}`)];
    const text = describeSummary({ row: { ...row, unknown_fields }, alreadyPublished: false, asked, failures: [], outputUri: './out' });
    expect(text).toContain('  unknown   zFuture, [" [2J"], z0, z1, z2, z3, z4, z5 and 14 more: fields that this version does not know');
  });
});
