-- The experiments that use the metric groups, as last answered.
select
  r.project_key,
  r.metric_group_key,
  r.metric_group_id,
  r.environment_key,
  r.environment_id,
  r.experiment_key,
  r.experiment_name,
  r.created_at,
  r.archived_at,
  r.is_archived,
  r.extra_json,
  r.extracted_at,
  r.row_hash,
  r.snapshot_id,
  r.snapshot_at,
  r.snapshot_date
from metric_group_experiments r
join metric_group_targets_current c
  on c.project_key = r.project_key
  and c.metric_group_key = r.metric_group_key
  and c.snapshot_id = r.snapshot_id
  and c.snapshot_date = r.snapshot_date
where c.answer = 'succeeded'
  and r.snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
