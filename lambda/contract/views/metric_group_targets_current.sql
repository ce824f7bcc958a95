-- The targets of the newest full snapshot, each with its newest answer in any published snapshot of the last 30 days.
with published as (
  select
    snapshot_id,
    snapshot_date,
    max(case when scope = 'full' then snapshot_id end) over () as newest_full_id
  from sync_snapshots
  where snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
)
select
  t.project_key,
  t.metric_group_key,
  max_by(t.status, t.snapshot_id) filter (where t.status in ('succeeded', 'not_found')) as answer,
  max(t.snapshot_id) filter (where t.status in ('succeeded', 'not_found')) as snapshot_id,
  max(t.snapshot_date) filter (where t.status in ('succeeded', 'not_found')) as snapshot_date
from sync_targets t
join published p on p.snapshot_id = t.snapshot_id and p.snapshot_date = t.snapshot_date
where t.snapshot_date >= cast(cast(current_date - interval '30' day as date) as varchar)
group by t.project_key, t.metric_group_key
having bool_or(t.snapshot_id = p.newest_full_id)
