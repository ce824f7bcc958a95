-- The metric groups as last answered.
select
  r.project_key,
  r.metric_group_key,
  r.metric_group_id,
  r.name,
  r.kind,
  r.description,
  r.tags,
  r.maintainer_kind,
  r.maintainer_key,
  r.maintainer_email,
  r.maintainer_first_name,
  r.maintainer_last_name,
  r.maintainer_role,
  r.maintainer_team_key,
  r.maintainer_team_name,
  r.version,
  r.created_at,
  r.last_modified_at,
  r.metric_keys,
  r.metric_count,
  r.experiment_count,
  r.active_experiment_count,
  r.active_guarded_rollout_count,
  r.extra_json,
  r.extracted_at,
  r.row_hash,
  r.snapshot_id,
  r.snapshot_at,
  r.snapshot_date
from metric_groups r
join metric_group_targets_current c
  on c.project_key = r.project_key
  and c.metric_group_key = r.metric_group_key
  and c.snapshot_id = r.snapshot_id
  and c.snapshot_date = r.snapshot_date
where c.answer = 'succeeded'
  and r.snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
