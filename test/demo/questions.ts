/** Something an analyst asks the views and tables; `$before` and `$after` are ids of snapshots. */
export type Question = { readonly title: string; readonly sql: string };

/** What the demo asks, in this order. */
export const questions: readonly Question[] = [
  {
    title: 'The two snapshots (sync_snapshots)',
    sql: `
      select snapshot_id, status, targets_total as targets, targets_succeeded as succeeded, targets_not_found as not_found,
        targets_forbidden as forbidden, requests_total as requests, retries_total as retries,
        metric_group_rows as groups, metric_group_metric_rows as metrics, metric_group_experiment_rows as experiments
      from sync_snapshots where snapshot_id in ($before, $after) order by snapshot_id`,
  },
  {
    title: 'Which experiments use a metric group (metric_group_experiments_current)',
    sql: `
      select project_key, metric_group_key, environment_key, experiment_key, cast(created_at as date) as created, is_archived
      from metric_group_experiments_current
      order by project_key, metric_group_key, environment_key, experiment_key`,
  },
  {
    title: 'What changed from the first snapshot to the second (metric_group_changes)',
    sql: `
      select project_key, metric_group_key, change, column_name, old_value, new_value
      from metric_group_changes where snapshot_id = $after
      order by project_key, metric_group_key, change, column_name`,
  },
  {
    title: 'Which targets have no fresh answer, and since when (sync_health)',
    sql: `
      select project_key, metric_group_key, last_status, last_error_message, last_success_at, consecutive_failures
      from sync_health where last_status <> 'succeeded'
      order by project_key, metric_group_key`,
  },
];
