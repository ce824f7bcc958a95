import { describe, expect, it } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import { tables } from '../../lambda/contract/tables.ts';
import { createRowBuilder } from '../../lambda/transform/build-rows.ts';
import { settleSlice } from '../../lambda/transform/settle-slice.ts';
import { describeMismatches } from './column-types.ts';
import { bodyOf, lineOf, planHeader, planned, seal } from './part-lines.ts';

const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00Z'));
const lineage = { snapshot_id: '20261123T060000Z', snapshot_at: '2026-11-23 06:00:00.000' };
const parse = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));

describe('building rows', () => {
  it('makes a row a target of sync_targets, whatever its outcome', () => {
    const lines = [
      lineOf('a', 'succeeded', { attempts: 3, rate_limited_count: 1 }),
      lineOf('b', 'failed'),
      lineOf('c', 'invalid', { error_message: 'half \ud83d' }),
    ];
    const built = createRowBuilder(snapshot).build(settleSlice([planned('a'), planned('b', true), planned('c')], lines));
    const common = { project_key: 'demo', duration_ms: 12, extracted_at: '2026-11-23 06:00:01.234', ...lineage };
    expect(parse(built.sync_targets)).toStrictEqual([
      {
        ...common,
        metric_group_key: 'a',
        status: 'succeeded',
        http_status: 200,
        error_code: null,
        error_message: null,
        attempts: 3,
        rate_limited_count: 1,
        discovered: false,
      },
      {
        ...common,
        metric_group_key: 'b',
        status: 'failed',
        http_status: null,
        error_code: 'timeout',
        error_message: 'no whole answer',
        attempts: 1,
        rate_limited_count: 0,
        discovered: true,
      },
      {
        ...common,
        metric_group_key: 'c',
        status: 'invalid',
        http_status: 200,
        error_code: 'invalid_body',
        error_message: 'half \ufffd',
        attempts: 1,
        rate_limited_count: 0,
        discovered: false,
      },
    ]);
  });

  it('makes rows of a group only where its target succeeded', () => {
    const lines = [
      lineOf('a', 'not_found', { body: '{"code":"not_found"}' }),
      lineOf('b', 'succeeded'),
      lineOf('c', 'invalid', { body: bodyOf('c') }),
    ];
    const built = createRowBuilder(snapshot).build(
      settleSlice(
        ['a', 'b', 'c'].map((key) => planned(key)),
        lines,
      ),
    );
    expect(parse(built.metric_groups).map(({ metric_group_key }) => metric_group_key)).toEqual(['b']);
    expect(parse(built.metric_group_metrics).map(({ metric_group_key, position }) => [metric_group_key, position])).toEqual([
      ['b', 1],
      ['b', 2],
    ]);
    expect(parse(built.metric_group_experiments).map(({ experiment_key }) => experiment_key)).toEqual(['experiment-1', 'experiment-2']);
    for (const [table, lines] of Object.entries(built)) {
      const { columns } = tables[table as keyof typeof built];
      expect(parse(lines).flatMap((row) => describeMismatches(row, columns))).toEqual([]);
    }
  });

  it('makes the whole commit of plan, parts and seal, over all slices', () => {
    const builder = createRowBuilder(snapshot);
    builder.build(
      settleSlice(
        ['a', 'b', 'c'].map((key) => planned(key)),
        [
          lineOf('a', 'failed', { attempts: 6, rate_limited_count: 1 }),
          lineOf('b', 'forbidden'),
          lineOf('c', 'not_found'),
          lineOf('a', 'succeeded', { attempts: 2, body: bodyOf('a', { zFuture: 1, '\ufffd': 1, '\u{1f600}': 1 }) }),
        ],
      ),
    );
    builder.build(
      settleSlice(
        ['d', 'e', 'f'].map((key) => planned(key)),
        [
          lineOf('d', 'invalid', { attempts: 0 }),
          lineOf('e', 'failed', { attempts: 8, rate_limited_count: 2 }),
          lineOf('f', 'succeeded', { body: bodyOf('f', { zFuture: 2, metrics: [], experiments: null }) }),
        ],
      ),
    );
    const commit = builder.commit(planHeader, seal);
    expect(commit).toStrictEqual({
      run_id: 'b5a1e2a4-0000-4000-8000-000000000000',
      status: 'partial',
      scope: 'full',
      started_at: '2026-11-23 06:00:00.100',
      finished_at: '2026-11-23 06:05:00.000',
      targets_total: 6,
      targets_succeeded: 2,
      targets_not_found: 1,
      targets_forbidden: 1,
      targets_invalid: 1,
      targets_failed: 1,
      requests_total: 5 + 6 + 1 + 1 + 2 + 0 + 8 + 1,
      retries_total: 5 + 1 + 7,
      rate_limited_total: 1 + 1 + 2,
      metric_group_rows: 2,
      metric_group_metric_rows: 2,
      metric_group_experiment_rows: 2,
      unknown_fields: ['["\ufffd"]', '["\u{1f600}"]', 'zFuture'],
      code_version: '1.2.3',
      ...lineage,
    });
    expect(describeMismatches(commit, tables.sync_snapshots.columns)).toEqual([]);
  });

  it('calls a snapshot complete where every target has an answer', () => {
    const builder = createRowBuilder(snapshot);
    builder.build(settleSlice([planned('a'), planned('b')], [lineOf('a', 'succeeded'), lineOf('b', 'not_found')]));
    expect(builder.commit({ ...planHeader, scope: 'subset' }, seal)).toMatchObject({
      status: 'complete',
      scope: 'subset',
      unknown_fields: [],
    });
  });
});
