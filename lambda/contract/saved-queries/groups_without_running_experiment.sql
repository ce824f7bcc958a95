-- Metric groups that no running experiment and no running guarded rollout uses, as LaunchDarkly counts them.
-- A null count: LaunchDarkly said nothing about it.
select
  project_key,
  metric_group_key,
  name,
  maintainer_kind,
  maintainer_key,
  experiment_count,
  active_experiment_count,
  active_guarded_rollout_count,
  last_modified_at,
  snapshot_id
from metric_groups_current
where coalesce(active_experiment_count, 0) = 0
  and coalesce(active_guarded_rollout_count, 0) = 0
order by project_key, metric_group_key
