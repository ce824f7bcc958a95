import { type Column, tables } from '../../lambda/contract/tables.ts';

/** Something an analyst asks the tables; `$before` and `$after` are ids of snapshots. */
export type Question = { readonly title: string; readonly sql: string };

/** Every target with the snapshot that holds its newest answer: a failure says nothing about a group, so what was known before stands. */
const newestAnswers = `
  newest_answers AS (
    SELECT project_key, metric_group_key, if(status IN ('succeeded', 'not_found'), $after, $before) AS snapshot_id
    FROM sync_targets WHERE snapshot_id = $after
  )`;

const groupKeys = 'project_key, metric_group_key';
const comparedColumns: readonly Column[] = tables.metric_groups.ownColumns.filter(({ name }) => !groupKeys.split(', ').includes(name));

/** A value as a person reads it: arrays as JSON, instants as in the files. */
function asText({ name, type }: Column): string {
  if (type === 'array<string>') return `to_json(${name})::VARCHAR`;
  return type === 'timestamp' ? `strftime(${name}, '%Y-%m-%d %H:%M:%S.%g')` : `${name}::VARCHAR`;
}

const groupsAsText = `SELECT ${groupKeys}, ${comparedColumns.map((column) => `${asText(column)} AS ${column.name}`).join(', ')} FROM metric_groups`;
const valuesOf = (groups: string): string =>
  `FROM ${groups} UNPIVOT INCLUDE NULLS (value FOR column_name IN (COLUMNS(* EXCLUDE (${groupKeys}))))`;

/** What the demo asks, in this order. */
export const questions: readonly Question[] = [
  {
    title: 'The two snapshots (sync_snapshots)',
    sql: `
      SELECT snapshot_id, status, targets_total AS targets, targets_succeeded AS succeeded, targets_not_found AS not_found,
        targets_forbidden AS forbidden, requests_total AS requests, retries_total AS retries,
        metric_group_rows AS groups, metric_group_metric_rows AS metrics, metric_group_experiment_rows AS experiments
      FROM sync_snapshots WHERE snapshot_id IN ($before, $after) ORDER BY snapshot_id`,
  },
  {
    title: 'Which experiments use a metric group (metric_group_experiments)',
    sql: `
      WITH ${newestAnswers}
      SELECT project_key, metric_group_key, environment_key, experiment_key, strftime(created_at, '%Y-%m-%d') AS created, is_archived
      FROM metric_group_experiments JOIN newest_answers USING (${groupKeys}, snapshot_id)
      ORDER BY ALL`,
  },
  {
    title: 'What changed from the first snapshot to the second (metric_groups)',
    sql: `
      WITH ${newestAnswers},
      old_groups AS (${groupsAsText} WHERE snapshot_id = $before),
      new_groups AS (${groupsAsText} JOIN newest_answers USING (${groupKeys}, snapshot_id)),
      old_values AS (${valuesOf('old_groups')}),
      new_values AS (${valuesOf('new_groups')})
      SELECT ${groupKeys}, 'added' AS change, NULL AS column_name, NULL AS old_value, NULL AS new_value
      FROM new_groups ANTI JOIN old_groups USING (${groupKeys})
      UNION ALL
      SELECT ${groupKeys}, 'removed', NULL, NULL, NULL FROM old_groups ANTI JOIN new_groups USING (${groupKeys})
      UNION ALL
      SELECT ${groupKeys}, 'changed', column_name, old_values.value, new_values.value
      FROM old_values JOIN new_values USING (${groupKeys}, column_name)
      WHERE old_values.value IS DISTINCT FROM new_values.value
      ORDER BY ALL`,
  },
  {
    title: 'Which targets gave no group, and why (sync_targets)',
    sql: `
      SELECT snapshot_id, project_key, metric_group_key, if(discovered, '*', 'by name') AS listed, status, http_status, error_message
      FROM sync_targets WHERE snapshot_id IN ($before, $after) AND status <> 'succeeded'
      ORDER BY ALL`,
  },
];
