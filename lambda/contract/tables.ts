/**
 * The tables, column by column: the one home of names, types and meanings.
 * Row types, writers, the data dictionary and the Glue tables derive from it.
 */

/** A column type as Athena spells it. */
export type AthenaType = 'string' | 'int' | 'bigint' | 'boolean' | 'timestamp' | 'array<string>';

/** One column of a table, in the words of the person who queries it. */
export type Column = { readonly name: string; readonly type: AthenaType; readonly nullable: boolean; readonly comment: string };

const groupKeyColumns = [
  { name: 'project_key', type: 'string', nullable: false, comment: 'Key of the LaunchDarkly project.' },
  { name: 'metric_group_key', type: 'string', nullable: false, comment: 'Key of the metric group, unique within its project only.' },
] as const satisfies readonly Column[];

const groupIdColumn = {
  name: 'metric_group_id',
  type: 'string',
  nullable: false,
  comment: 'LaunchDarkly id of the metric group; another id under the same key is another group.',
} as const satisfies Column;

const extraColumn = {
  name: 'extra_json',
  type: 'string',
  nullable: true,
  comment: 'Fields this version does not know, or of an undocumented type, as a JSON object with sorted keys; null if there are none.',
} as const satisfies Column;

const answerColumns = [
  { name: 'extracted_at', type: 'timestamp', nullable: false, comment: 'When LaunchDarkly gave the answer this row was made of, UTC.' },
  {
    name: 'row_hash',
    type: 'string',
    nullable: false,
    comment: 'First 16 hex digits of SHA-256 over the columns before extracted_at that are not null: equal rows have equal hashes.',
  },
] as const satisfies readonly Column[];

const snapshotColumns = [
  {
    name: 'snapshot_id',
    type: 'string',
    nullable: false,
    comment: 'The scheduled instant of the snapshot in UTC, such as 20261123T060000Z.',
  },
  { name: 'snapshot_at', type: 'timestamp', nullable: false, comment: 'The scheduled instant of the snapshot, UTC.' },
] as const satisfies readonly Column[];

const metricGroupColumns = [
  ...groupKeyColumns,
  groupIdColumn,
  { name: 'name', type: 'string', nullable: false, comment: 'Display name of the metric group.' },
  { name: 'kind', type: 'string', nullable: false, comment: 'funnel, standard, guardrail or a newer kind, as LaunchDarkly sent it.' },
  { name: 'description', type: 'string', nullable: true, comment: 'Description of the metric group.' },
  { name: 'tags', type: 'array<string>', nullable: false, comment: 'Tags, sorted.' },
  { name: 'maintainer_kind', type: 'string', nullable: true, comment: 'member or team: who maintains the group.' },
  { name: 'maintainer_key', type: 'string', nullable: true, comment: 'Id of the maintaining member, or key of the maintaining team.' },
  {
    name: 'maintainer_email',
    type: 'string',
    nullable: true,
    comment: 'E-mail of the maintaining member; hashed or null where the deployment says so.',
  },
  {
    name: 'maintainer_first_name',
    type: 'string',
    nullable: true,
    comment: 'First name of the maintaining member; hashed or null where the deployment says so.',
  },
  {
    name: 'maintainer_last_name',
    type: 'string',
    nullable: true,
    comment: 'Last name of the maintaining member; hashed or null where the deployment says so.',
  },
  { name: 'maintainer_role', type: 'string', nullable: true, comment: 'Base role of the maintaining member.' },
  { name: 'maintainer_team_key', type: 'string', nullable: true, comment: 'Key of the maintaining team.' },
  { name: 'maintainer_team_name', type: 'string', nullable: true, comment: 'Name of the maintaining team.' },
  { name: 'version', type: 'int', nullable: false, comment: 'Version of the metric group, raised by LaunchDarkly with each change.' },
  { name: 'created_at', type: 'timestamp', nullable: false, comment: 'When the metric group was created, UTC.' },
  { name: 'last_modified_at', type: 'timestamp', nullable: false, comment: 'When the metric group was last modified, UTC.' },
  {
    name: 'metric_keys',
    type: 'array<string>',
    nullable: false,
    comment: "Keys of the metrics in the group's order, which is a funnel's order of steps.",
  },
  { name: 'metric_count', type: 'int', nullable: false, comment: 'Number of metrics in the group, counted.' },
  {
    name: 'experiment_count',
    type: 'int',
    nullable: true,
    comment: "LaunchDarkly's count of experiments that use the group; null where it gave none.",
  },
  {
    name: 'active_experiment_count',
    type: 'int',
    nullable: true,
    comment: "LaunchDarkly's count of running experiments; null where it gave none.",
  },
  {
    name: 'active_guarded_rollout_count',
    type: 'int',
    nullable: true,
    comment: "LaunchDarkly's count of running guarded rollouts; null where it gave none.",
  },
  extraColumn,
] as const satisfies readonly Column[];

const metricColumns = [
  ...groupKeyColumns,
  groupIdColumn,
  { name: 'position', type: 'int', nullable: false, comment: "Place of the metric in the group, from 1: a funnel's step." },
  { name: 'metric_key', type: 'string', nullable: false, comment: 'Key of the metric, unique within the project.' },
  {
    name: 'metric_version_id',
    type: 'string',
    nullable: true,
    comment: "Id of the metric's definition version, as in warehouse results of experiments.",
  },
  { name: 'metric_name', type: 'string', nullable: false, comment: 'Display name of the metric.' },
  {
    name: 'metric_kind',
    type: 'string',
    nullable: false,
    comment: 'pageview, click, custom, trace or a newer kind, as LaunchDarkly sent it.',
  },
  { name: 'name_in_group', type: 'string', nullable: true, comment: "The step's name in a funnel." },
  { name: 'is_numeric', type: 'boolean', nullable: true, comment: 'Whether the metric measures a number rather than a conversion.' },
  {
    name: 'event_key',
    type: 'string',
    nullable: true,
    comment: 'Key of the custom event the metric counts: the key of exported custom events.',
  },
  {
    name: 'unit_aggregation_type',
    type: 'string',
    nullable: true,
    comment: 'How events of one unit are aggregated: sum, average or a newer way.',
  },
  { name: 'analysis_type', type: 'string', nullable: true, comment: 'mean, percentile or a newer type.' },
  { name: 'analysis_unit', type: 'string', nullable: true, comment: 'Context kind the metric is analysed by.' },
  { name: 'analysis_units', type: 'array<string>', nullable: true, comment: 'Context kinds the metric can be analysed by, sorted.' },
  extraColumn,
] as const satisfies readonly Column[];

const experimentColumns = [
  ...groupKeyColumns,
  groupIdColumn,
  { name: 'environment_key', type: 'string', nullable: false, comment: 'Key of the environment the experiment runs in.' },
  { name: 'environment_id', type: 'string', nullable: false, comment: 'Id of that environment: the environment of Data Export rows.' },
  { name: 'experiment_key', type: 'string', nullable: false, comment: 'Key of the experiment, unique within its environment only.' },
  { name: 'experiment_name', type: 'string', nullable: false, comment: 'Display name of the experiment.' },
  { name: 'created_at', type: 'timestamp', nullable: false, comment: 'When the experiment was created, UTC.' },
  { name: 'archived_at', type: 'timestamp', nullable: true, comment: 'When the experiment was archived, UTC; null while it is not.' },
  { name: 'is_archived', type: 'boolean', nullable: false, comment: 'Whether LaunchDarkly gives the experiment an archiving date.' },
  extraColumn,
] as const satisfies readonly Column[];

const syncTargetColumns = [
  ...groupKeyColumns,
  { name: 'status', type: 'string', nullable: false, comment: 'How the target ended: succeeded, not_found, forbidden, invalid or failed.' },
  { name: 'http_status', type: 'int', nullable: true, comment: 'HTTP status of the last answer; null unless a whole answer came last.' },
  {
    name: 'error_code',
    type: 'string',
    nullable: true,
    comment: "LaunchDarkly's error code, else http_<status>, invalid_body, invalid_key, timeout or network; null when succeeded.",
  },
  {
    name: 'error_message',
    type: 'string',
    nullable: true,
    comment: "What went wrong, in LaunchDarkly's words where it gave any; null when succeeded.",
  },
  {
    name: 'attempts',
    type: 'int',
    nullable: false,
    comment: 'Requests made for the target by the run whose outcome counts, rate-limited ones included.',
  },
  { name: 'rate_limited_count', type: 'int', nullable: false, comment: 'How many of those requests were answered 429.' },
  {
    name: 'duration_ms',
    type: 'bigint',
    nullable: false,
    comment: 'Milliseconds from the first of those requests to the outcome, waits included.',
  },
  { name: 'discovered', type: 'boolean', nullable: false, comment: 'Whether the target came from a project-wide * alone.' },
  { name: 'extracted_at', type: 'timestamp', nullable: false, comment: 'When the outcome was known, UTC.' },
] as const satisfies readonly Column[];

const syncSnapshotColumns = [
  { name: 'run_id', type: 'string', nullable: false, comment: 'Id of the run that decided to publish.' },
  {
    name: 'status',
    type: 'string',
    nullable: false,
    comment: 'complete: every target has an answer (succeeded or not_found); else partial.',
  },
  { name: 'scope', type: 'string', nullable: false, comment: 'full: the configured list; subset: targets given for this run alone.' },
  { name: 'started_at', type: 'timestamp', nullable: false, comment: 'When the first run of the snapshot began, UTC.' },
  { name: 'finished_at', type: 'timestamp', nullable: false, comment: 'When the decision to publish was taken, UTC.' },
  { name: 'targets_total', type: 'int', nullable: false, comment: 'Number of targets.' },
  { name: 'targets_succeeded', type: 'int', nullable: false, comment: 'Targets whose group was read.' },
  { name: 'targets_not_found', type: 'int', nullable: false, comment: 'Targets that LaunchDarkly answered 404.' },
  { name: 'targets_forbidden', type: 'int', nullable: false, comment: 'Targets that LaunchDarkly answered 403.' },
  { name: 'targets_invalid', type: 'int', nullable: false, comment: 'Targets whose answer could not be used.' },
  { name: 'targets_failed', type: 'int', nullable: false, comment: 'Targets without an answer after all attempts.' },
  { name: 'requests_total', type: 'bigint', nullable: false, comment: 'Requests to LaunchDarkly over all runs of the snapshot.' },
  { name: 'retries_total', type: 'bigint', nullable: false, comment: 'Requests for a target beyond its first, over all runs.' },
  { name: 'rate_limited_total', type: 'bigint', nullable: false, comment: 'Requests answered 429, over all runs.' },
  { name: 'metric_group_rows', type: 'bigint', nullable: false, comment: 'Rows of metric_groups in this snapshot.' },
  { name: 'metric_group_metric_rows', type: 'bigint', nullable: false, comment: 'Rows of metric_group_metrics in this snapshot.' },
  { name: 'metric_group_experiment_rows', type: 'bigint', nullable: false, comment: 'Rows of metric_group_experiments in this snapshot.' },
  {
    name: 'unknown_fields',
    type: 'array<string>',
    nullable: false,
    comment: 'Paths of the fields this version does not know, or of an undocumented type, sorted.',
  },
  { name: 'code_version', type: 'string', nullable: false, comment: 'Version of the code that decided to publish.' },
] as const satisfies readonly Column[];

/** The partition column of every table: the UTC date of the snapshot's instant, `YYYY-MM-DD`. It is not repeated inside the rows. */
export const partitionColumn = {
  name: 'snapshot_date',
  type: 'string',
  nullable: false,
  comment: 'UTC date of the snapshot, YYYY-MM-DD: name it in a filter to read one day.',
} as const satisfies Column;

/** Every table, in the order it is written; `ownColumns` of the `metric_group…` tables are those that `row_hash` covers. */
export const tables = {
  sync_targets: {
    comment: 'One row per target and snapshot: how asking for the metric group ended.',
    ownColumns: syncTargetColumns,
    columns: [...syncTargetColumns, ...snapshotColumns],
  },
  metric_groups: {
    comment: 'One row per metric group and snapshot.',
    ownColumns: metricGroupColumns,
    columns: [...metricGroupColumns, ...answerColumns, ...snapshotColumns],
  },
  metric_group_metrics: {
    comment: 'One row per metric of a metric group, position and snapshot.',
    ownColumns: metricColumns,
    columns: [...metricColumns, ...answerColumns, ...snapshotColumns],
  },
  metric_group_experiments: {
    comment: 'One row per experiment that uses a metric group, and snapshot.',
    ownColumns: experimentColumns,
    columns: [...experimentColumns, ...answerColumns, ...snapshotColumns],
  },
  sync_snapshots: {
    comment: 'One row per published snapshot, written last: a snapshot without it is not published.',
    ownColumns: syncSnapshotColumns,
    columns: [...syncSnapshotColumns, ...snapshotColumns],
  },
} as const satisfies Record<string, { comment: string; ownColumns: readonly Column[]; columns: readonly Column[] }>;

/** The name of a table. */
export type TableName = keyof typeof tables;

/** The tables whose rows come from a metric group and carry a `row_hash`. */
export type GroupTableName = 'metric_groups' | 'metric_group_metrics' | 'metric_group_experiments';

/** The tables written slice by slice; `sync_snapshots`, the commit, comes after them. */
export type DataTableName = Exclude<TableName, 'sync_snapshots'>;

/** Those tables, in the order they are written. */
export const dataTableNames = [
  'sync_targets',
  'metric_groups',
  'metric_group_metrics',
  'metric_group_experiments',
] as const satisfies readonly DataTableName[];

type ValueOf<T extends AthenaType> = T extends 'string' | 'timestamp'
  ? string
  : T extends 'int' | 'bigint'
    ? number
    : T extends 'boolean'
      ? boolean
      : readonly string[];

type RowOf<C extends readonly Column[]> = {
  readonly [K in C[number] as K['name']]: K['nullable'] extends true ? ValueOf<K['type']> | null : ValueOf<K['type']>;
};

/** A row as it stands in the table's objects; timestamps are `YYYY-MM-DD HH:MM:SS.SSS` in UTC. */
export type Row<T extends TableName> = RowOf<(typeof tables)[T]['columns']>;

/** A row without its lineage: for the `metric_group…` tables the columns before `extracted_at`, for the others those before `snapshot_id`. */
export type OwnRow<T extends TableName> = RowOf<(typeof tables)[T]['ownColumns']>;
