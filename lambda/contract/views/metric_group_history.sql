-- The versions of metric groups: metric_groups_current as it was after every published snapshot, from the first full one on.
with snapshots as (
  select snapshot_id, snapshot_date, snapshot_at, scope,
    count(case when scope = 'full' then 1 end) over (order by snapshot_id) as full_number,
    min(case when scope = 'full' then snapshot_at end) over (order by snapshot_id rows between 1 following and unbounded following)
      as next_full_at
  from sync_snapshots
),
-- Of every outcome: the last full snapshot that has the group among its targets, and the newest answer until then.
outcomes as (
  select t.project_key, t.metric_group_key, t.snapshot_id, s.snapshot_at, s.full_number, s.next_full_at,
    max(case when s.scope = 'full' then s.full_number end) over so_far as listed_number,
    max(case when t.status in ('succeeded', 'not_found') then t.snapshot_id end) over so_far as answer_id
  from sync_targets t
  join snapshots s on s.snapshot_id = t.snapshot_id and s.snapshot_date = t.snapshot_date
  window so_far as (partition by t.project_key, t.metric_group_key order by t.snapshot_id rows unbounded preceding)
),
-- While a group is among the targets, the row of its newest answer is shown; not_found has none.
shown as (
  select o.project_key, o.metric_group_key, o.snapshot_id, o.snapshot_at, o.full_number, o.next_full_at,
    g.metric_group_id, g.name, g.kind, g.description, g.tags, g.maintainer_kind, g.maintainer_key, g.maintainer_email,
    g.maintainer_first_name, g.maintainer_last_name, g.maintainer_role, g.maintainer_team_key, g.maintainer_team_name,
    g.version, g.created_at, g.last_modified_at, g.metric_keys, g.metric_count, g.experiment_count,
    g.active_experiment_count, g.active_guarded_rollout_count, g.extra_json, g.extracted_at,
    case when o.listed_number = o.full_number then g.row_hash end as row_hash
  from outcomes o
  left join metric_groups g
    on g.project_key = o.project_key and g.metric_group_key = o.metric_group_key and g.snapshot_id = o.answer_id
),
-- A version goes on where the next outcome shows the same, and no full snapshot between the two left the group out.
edges as (
  select *,
    lag(row_hash) over w is distinct from row_hash or lag(full_number) over w < full_number - 1 as is_start,
    case
      when row_hash is null or lead(row_hash) over w = row_hash and lead(full_number) over w <= full_number + 1 then null
      else least(coalesce(lead(snapshot_at) over w, next_full_at), coalesce(next_full_at, lead(snapshot_at) over w))
    end as ends_at
  from shown
  window w as (partition by project_key, metric_group_key order by snapshot_id)
),
versions as (
  select *, min(ends_at) over (w rows between current row and unbounded following) as valid_to
  from edges
  window w as (partition by project_key, metric_group_key order by snapshot_id)
)
select
  project_key, metric_group_key, metric_group_id, name, kind, description, tags, maintainer_kind, maintainer_key,
  maintainer_email, maintainer_first_name, maintainer_last_name, maintainer_role, maintainer_team_key,
  maintainer_team_name, version, created_at, last_modified_at, metric_keys, metric_count, experiment_count,
  active_experiment_count, active_guarded_rollout_count, extra_json, extracted_at, row_hash,
  snapshot_at as valid_from, valid_to, valid_to is null as is_current
from versions
where row_hash is not null and is_start
