-- The metrics of the metric groups as last answered.
select
  r.project_key,
  r.metric_group_key,
  r.metric_group_id,
  r.position,
  r.metric_key,
  r.metric_version_id,
  r.metric_name,
  r.metric_kind,
  r.name_in_group,
  r.is_numeric,
  r.event_key,
  r.unit_aggregation_type,
  r.analysis_type,
  r.analysis_unit,
  r.analysis_units,
  r.extra_json,
  r.extracted_at,
  r.row_hash,
  r.snapshot_id,
  r.snapshot_at,
  r.snapshot_date
from metric_group_metrics r
join metric_group_targets_current c
  on c.project_key = r.project_key
  and c.metric_group_key = r.metric_group_key
  and c.snapshot_id = r.snapshot_id
  and c.snapshot_date = r.snapshot_date
where c.answer = 'succeeded'
  and r.snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
