-- What is different from one version of a metric group to the next, and which groups came and went.
with versions as (
  select
    project_key, metric_group_key, valid_from, valid_to,
    array[
      metric_group_id, name, kind, description, json_format(cast(tags as json)), maintainer_kind, maintainer_key,
      maintainer_email, maintainer_first_name, maintainer_last_name, maintainer_role, maintainer_team_key,
      maintainer_team_name, cast(version as varchar), substr(date_format(created_at, '%Y-%m-%d %H:%i:%S.%f'), 1, 23),
      substr(date_format(last_modified_at, '%Y-%m-%d %H:%i:%S.%f'), 1, 23), json_format(cast(metric_keys as json)),
      cast(metric_count as varchar), cast(experiment_count as varchar), cast(active_experiment_count as varchar),
      cast(active_guarded_rollout_count as varchar), extra_json
    ] as texts
  from metric_group_history
),
neighbours as (
  select
    *,
    min(valid_from) over () as first_full_at,
    lag(valid_to) over w as previous_valid_to,
    lead(valid_from) over w as next_valid_from,
    lag(texts) over w as old_texts
  from versions
  window w as (partition by project_key, metric_group_key order by valid_from)
),
differences as (
  select
    n.project_key, n.metric_group_key, c.change, c.column_name,
    case when c.change = 'changed' then n.old_texts[c.position] end as old_value,
    case when c.change = 'changed' then n.texts[c.position] end as new_value,
    case when c.change = 'removed' then n.valid_to else n.valid_from end as snapshot_at
  from neighbours n
  cross join (values
    (1, 'added', null), (1, 'removed', null),
    (1, 'changed', 'metric_group_id'), (2, 'changed', 'name'), (3, 'changed', 'kind'), (4, 'changed', 'description'),
    (5, 'changed', 'tags'), (6, 'changed', 'maintainer_kind'), (7, 'changed', 'maintainer_key'),
    (8, 'changed', 'maintainer_email'), (9, 'changed', 'maintainer_first_name'), (10, 'changed', 'maintainer_last_name'),
    (11, 'changed', 'maintainer_role'), (12, 'changed', 'maintainer_team_key'), (13, 'changed', 'maintainer_team_name'),
    (14, 'changed', 'version'), (15, 'changed', 'created_at'), (16, 'changed', 'last_modified_at'),
    (17, 'changed', 'metric_keys'), (18, 'changed', 'metric_count'), (19, 'changed', 'experiment_count'),
    (20, 'changed', 'active_experiment_count'), (21, 'changed', 'active_guarded_rollout_count'), (22, 'changed', 'extra_json')
  ) as c (position, change, column_name)
  where case c.change
    when 'added' then n.valid_from > n.first_full_at and n.previous_valid_to is distinct from n.valid_from
    when 'removed' then n.valid_to is not null and n.next_valid_from is distinct from n.valid_to
    else n.previous_valid_to = n.valid_from and n.old_texts[c.position] is distinct from n.texts[c.position]
  end
)
select
  project_key, metric_group_key, change, column_name, old_value, new_value,
  date_format(snapshot_at, '%Y%m%dT%H%i%SZ') as snapshot_id, snapshot_at, date_format(snapshot_at, '%Y-%m-%d') as snapshot_date
from differences
