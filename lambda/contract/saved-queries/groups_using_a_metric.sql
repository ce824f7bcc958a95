-- Where one metric is used: its groups, its place in each, and the experiments that so depend on it. Put your own keys in the second line.
with asked (project_key, metric_key) as (values ('storefront', 'purchase-completed'))
select
  m.metric_group_key,
  g.name as metric_group_name,
  g.kind as metric_group_kind,
  m.position,
  m.name_in_group,
  e.environment_key,
  e.experiment_key,
  e.is_archived
from metric_group_metrics_current m
join asked a on a.project_key = m.project_key and a.metric_key = m.metric_key
join metric_groups_current g on g.project_key = m.project_key and g.metric_group_key = m.metric_group_key
left join metric_group_experiments_current e
  on e.project_key = m.project_key and e.metric_group_key = m.metric_group_key
order by m.metric_group_key, m.position, e.environment_key, e.experiment_key
