import { snapshotAt } from '../../lambda/contract/objects.ts';
import type { ViewName } from '../../lambda/contract/views.ts';
import type { Cell, Rows } from '../../lambda/query/ask-warehouse.ts';
import type { HistorySnapshot } from './write-history.ts';

/** Instants of a history, in days from today (UTC) and an hour, as the files write them. */
export type Times = {
  ms(days: number, hour?: number): number;
  id(days: number, hour?: number): string;
  at(days: number, hour?: number): string;
  date(days: number): string;
};

/** The times of a history that is looked at on the day of `nowMs`; snapshots are taken at 6 where no hour is given. */
export function createTimes(nowMs: number): Times {
  const ms = (days: number, hour = 6): number => Math.floor(nowMs / 86_400_000 + days) * 86_400_000 + hour * 3_600_000;
  return {
    ms,
    id: (days, hour) => snapshotAt(ms(days, hour)).id,
    at: (days, hour) => snapshotAt(ms(days, hour)).at,
    date: (days) => snapshotAt(ms(days)).date,
  };
}

/** What of a view is compared, in this order: enough to tell rows apart. */
export const shownColumns = {
  metric_group_targets_current: ['project_key', 'metric_group_key', 'answer', 'snapshot_id', 'snapshot_date'],
  metric_groups_current: ['project_key', 'metric_group_key', 'name', 'snapshot_id', 'snapshot_date'],
  metric_group_metrics_current: ['project_key', 'metric_group_key', 'position', 'metric_key', 'snapshot_id'],
  metric_group_experiments_current: ['project_key', 'metric_group_key', 'environment_key', 'experiment_key', 'snapshot_id'],
  metric_group_history: ['project_key', 'metric_group_key', 'name', 'extracted_at', 'valid_from', 'valid_to', 'is_current'],
  metric_group_changes: [
    'project_key',
    'metric_group_key',
    'change',
    'column_name',
    'old_value',
    'new_value',
    'snapshot_id',
    'snapshot_at',
    'snapshot_date',
  ],
  sync_health: [
    'project_key',
    'metric_group_key',
    'last_status',
    'last_error_code',
    'last_error_message',
    'last_snapshot_at',
    'last_success_at',
    'days_since_success',
    'consecutive_failures',
    'newest_snapshot_at',
  ],
} as const satisfies Record<ViewName, readonly string[]>;

/** A history, and what the views must say of it: rows in any order, of the columns above. */
export type Scenario = {
  readonly name: string;
  readonly history: readonly HistorySnapshot[];
  readonly expected: Readonly<Partial<Record<ViewName, readonly (readonly Cell[])[]>>>;
};

/** An engine that has the tables and views of one history, its values as `Cell` tells. */
export type QueryEngine = { query(sql: string): Promise<Rows> };

/** The rows of a view in a fixed order, of the compared columns. */
export async function readView(engine: QueryEngine, view: ViewName): Promise<readonly (readonly Cell[])[]> {
  const { rows } = await engine.query(`select ${shownColumns[view].join(', ')} from ${view}`);
  return sortRows(rows);
}

/** Rows in a fixed order. */
export const sortRows = (rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] =>
  rows
    .map((row) => ({ row, text: JSON.stringify(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ row }) => row);
