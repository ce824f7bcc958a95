-- What changed in the last 30 days: metric groups that came, went or changed, and experiments that began or stopped using one of today's targets.
with published as (
  select
    snapshot_id, snapshot_date,
    max(case when scope = 'full' then snapshot_id end) over () as newest_full_id
  from sync_snapshots
  where snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
),
outcomes as (
  select
    t.project_key, t.metric_group_key, t.status, t.snapshot_id, t.snapshot_at,
    bool_or(t.snapshot_id = p.newest_full_id) over (partition by t.project_key, t.metric_group_key) as is_target
  from sync_targets t
  join published p on p.snapshot_id = t.snapshot_id and p.snapshot_date = t.snapshot_date
  where t.snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
),
-- The answers about each group, in their order: an experiment that one of them has and the one before lacks began.
answers as (
  select
    project_key, metric_group_key, snapshot_id, snapshot_at,
    row_number() over one_group as number,
    lead(snapshot_id) over one_group as next_snapshot_id,
    lead(snapshot_at) over one_group as next_snapshot_at
  from outcomes
  where is_target and status in ('succeeded', 'not_found')
  window one_group as (partition by project_key, metric_group_key order by snapshot_id)
),
uses as (
  select
    a.project_key, a.metric_group_key, e.environment_key, e.experiment_key, a.number,
    a.snapshot_id, a.snapshot_at, a.next_snapshot_id, a.next_snapshot_at,
    lag(a.number) over one_use as number_before,
    lead(a.number) over one_use as number_after
  from metric_group_experiments e
  join answers a
    on a.project_key = e.project_key and a.metric_group_key = e.metric_group_key and a.snapshot_id = e.snapshot_id
  where e.snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
  window one_use as (
    partition by a.project_key, a.metric_group_key, e.environment_key, e.experiment_key order by a.number
  )
)
select project_key, metric_group_key, change, column_name, old_value, new_value, snapshot_id, snapshot_at
from metric_group_changes
where snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
union all
select
  project_key, metric_group_key, 'experiment began', 'experiment', null, environment_key || '/' || experiment_key,
  snapshot_id, snapshot_at
from uses
where number > 1 and number_before is distinct from number - 1
union all
select
  project_key, metric_group_key, 'experiment stopped', 'experiment', environment_key || '/' || experiment_key, null,
  next_snapshot_id, next_snapshot_at
from uses
where next_snapshot_id is not null and number_after is distinct from number + 1
order by snapshot_id, project_key, metric_group_key, change, column_name, old_value, new_value
