-- The steps of a funnel as they were known at the end of a day (UTC). Put your own keys and day in the second line.
with asked (project_key, metric_group_key, day) as (values ('storefront', 'checkout-funnel', '2026-11-23')),
last_answer as (
  select
    a.project_key,
    a.metric_group_key,
    max(t.snapshot_id) as snapshot_id,
    max(t.snapshot_date) as snapshot_date
  from asked a
  join sync_targets t on t.project_key = a.project_key and t.metric_group_key = a.metric_group_key
  join sync_snapshots s on s.snapshot_id = t.snapshot_id and s.snapshot_date = t.snapshot_date
  where t.status in ('succeeded', 'not_found')
    and t.snapshot_date <= a.day
  group by a.project_key, a.metric_group_key
)
select
  m.position,
  m.metric_key,
  m.metric_name,
  m.name_in_group,
  m.event_key,
  m.snapshot_id
from metric_group_metrics m
join last_answer l
  on l.project_key = m.project_key
  and l.metric_group_key = m.metric_group_key
  and l.snapshot_id = m.snapshot_id
  and l.snapshot_date = m.snapshot_date
order by m.position
