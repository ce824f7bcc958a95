import { readFileSync } from 'node:fs';
import { type Column, type GroupTableName, partitionColumn, tables } from './tables.ts';

/**
 * The views, column by column: the one home of their names, types and meanings. Each has its SQL in a file of its name in `views/`,
 * in words that Athena and DuckDB understand alike. They stand on each other in the order given here.
 */

const [projectKeyColumn, metricGroupKeyColumn] = tables.sync_targets.columns;
const groupKeyColumns = [projectKeyColumn, metricGroupKeyColumn] as const;

const targetsCurrentColumns = [
  ...groupKeyColumns,
  {
    name: 'answer',
    type: 'string',
    nullable: true,
    comment: 'The newest answer about the group, succeeded or not_found; null where the last 30 days hold none.',
  },
  { name: 'snapshot_id', type: 'string', nullable: true, comment: 'The snapshot that holds this answer.' },
  { name: 'snapshot_date', type: 'string', nullable: true, comment: 'The UTC date of that snapshot, YYYY-MM-DD.' },
] as const satisfies readonly Column[];

const versionColumns = [
  { name: 'valid_from', type: 'timestamp', nullable: false, comment: 'Instant of the first snapshot that shows this version, UTC.' },
  {
    name: 'valid_to',
    type: 'timestamp',
    nullable: true,
    comment: 'Instant of the first snapshot that shows another version or none, UTC; null while this one is current.',
  },
  { name: 'is_current', type: 'boolean', nullable: false, comment: 'Whether the newest snapshot still shows this version.' },
] as const satisfies readonly Column[];

const changeColumns = [
  ...groupKeyColumns,
  { name: 'change', type: 'string', nullable: false, comment: 'added, removed or changed.' },
  {
    name: 'column_name',
    type: 'string',
    nullable: true,
    comment: 'The column of metric_groups that changed; null where the group came or went.',
  },
  { name: 'old_value', type: 'string', nullable: true, comment: 'Its value before, as text: arrays as JSON, instants as in the tables.' },
  {
    name: 'new_value',
    type: 'string',
    nullable: true,
    comment: 'Its value from then on, as text: arrays as JSON, instants as in the tables.',
  },
  { name: 'snapshot_id', type: 'string', nullable: false, comment: 'The snapshot that shows the change first.' },
  { name: 'snapshot_at', type: 'timestamp', nullable: false, comment: 'The instant of that snapshot, UTC.' },
  { name: 'snapshot_date', type: 'string', nullable: false, comment: 'The UTC date of that snapshot, YYYY-MM-DD.' },
] as const satisfies readonly Column[];

const healthColumns = [
  ...groupKeyColumns,
  {
    name: 'last_status',
    type: 'string',
    nullable: false,
    comment: 'How the target ended the last time: an answer, or forbidden, invalid or failed.',
  },
  { name: 'last_error_code', type: 'string', nullable: true, comment: 'The error code of that outcome; null when it succeeded.' },
  { name: 'last_error_message', type: 'string', nullable: true, comment: 'The message of that outcome; null when it succeeded.' },
  { name: 'last_snapshot_at', type: 'timestamp', nullable: false, comment: 'Instant of the snapshot with that outcome, UTC.' },
  {
    name: 'last_success_at',
    type: 'timestamp',
    nullable: true,
    comment: 'Instant of the newest snapshot in which the target succeeded, UTC; null where the last 30 days hold none.',
  },
  { name: 'days_since_success', type: 'bigint', nullable: true, comment: 'Calendar days (UTC) from that snapshot to today.' },
  {
    name: 'consecutive_failures',
    type: 'bigint',
    nullable: false,
    comment: 'Outcomes since the last answer; all of the last 30 days, if there is no answer.',
  },
  {
    name: 'newest_snapshot_at',
    type: 'timestamp',
    nullable: false,
    comment: 'Instant of the newest published snapshot of all, UTC: if it is old, nothing was published since.',
  },
] as const satisfies readonly Column[];

const currentColumns = (table: GroupTableName): readonly Column[] => [...tables[table].columns, partitionColumn];
const { ownColumns, columns: metricGroupColumns } = tables.metric_groups;
const rowHashEnd = metricGroupColumns.findIndex(({ name }) => name === 'row_hash') + 1;

/** Every view, in the order in which they are created. */
export const views = {
  metric_group_targets_current: {
    comment: 'One row per target of the newest full snapshot, with its newest answer of the last 30 days.',
    columns: targetsCurrentColumns,
  },
  metric_groups_current: {
    comment: 'The metric groups as last answered: what the targets of the newest full snapshot look like.',
    columns: currentColumns('metric_groups'),
  },
  metric_group_metrics_current: { comment: 'The metrics of the current metric groups.', columns: currentColumns('metric_group_metrics') },
  metric_group_experiments_current: {
    comment: 'The experiments that use the current metric groups.',
    columns: currentColumns('metric_group_experiments'),
  },
  metric_group_history: {
    comment: 'One row per version of a metric group: an unbroken stretch of snapshots that show it with equal row_hash.',
    columns: [...metricGroupColumns.slice(0, rowHashEnd), ...versionColumns],
  },
  metric_group_changes: {
    comment: 'One row per metric group that came or went, and per column that changed from one version to the next.',
    columns: changeColumns,
  },
  sync_health: {
    comment: 'One row per target of the newest full snapshot: how it went lately, and since when it is stale.',
    columns: healthColumns,
  },
} as const satisfies Record<string, { comment: string; columns: readonly Column[] }>;

/** The name of a view. */
export type ViewName = keyof typeof views;

/** The names of the views, each after those it stands on. */
export const viewNames = Object.keys(views) as ViewName[];

/** The columns whose changes `metric_group_changes` tells: all own columns of `metric_groups` but the two keys. */
export const comparedColumns: readonly Column[] = ownColumns.filter(({ name }) => !groupKeyColumns.some((key) => key.name === name));

/** Reads the query that a view stands for. */
export const readViewSql = (view: ViewName): string => readFileSync(new URL(`./views/${view}.sql`, import.meta.url), 'utf8');
