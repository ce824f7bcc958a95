-- How the targets of the newest full snapshot went in the published snapshots of the last 30 days.
with published as (
  select
    snapshot_id,
    snapshot_date,
    max(snapshot_at) over () as newest_snapshot_at,
    max(case when scope = 'full' then snapshot_id end) over () as newest_full_id
  from sync_snapshots
  where snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
),
outcomes as (
  select
    t.project_key,
    t.metric_group_key,
    t.status,
    t.error_code,
    t.error_message,
    t.snapshot_id,
    t.snapshot_at,
    p.newest_snapshot_at,
    p.newest_full_id,
    max(t.snapshot_id) over (partition by t.project_key, t.metric_group_key) as last_id,
    max(case when t.status in ('succeeded', 'not_found') then t.snapshot_id end)
      over (partition by t.project_key, t.metric_group_key) as last_answer_id
  from sync_targets t
  join published p on p.snapshot_id = t.snapshot_id and p.snapshot_date = t.snapshot_date
  where t.snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
)
select
  project_key,
  metric_group_key,
  max(case when snapshot_id = last_id then status end) as last_status,
  max(case when snapshot_id = last_id then error_code end) as last_error_code,
  max(case when snapshot_id = last_id then error_message end) as last_error_message,
  max(snapshot_at) as last_snapshot_at,
  max(case when status = 'succeeded' then snapshot_at end) as last_success_at,
  date_diff('day', cast(max(case when status = 'succeeded' then snapshot_at end) as date), current_date) as days_since_success,
  count(case when snapshot_id > coalesce(last_answer_id, '') then 1 end) as consecutive_failures,
  max(newest_snapshot_at) as newest_snapshot_at
from outcomes
group by project_key, metric_group_key
having bool_or(snapshot_id = newest_full_id)
