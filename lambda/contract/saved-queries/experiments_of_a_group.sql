-- The experiments that use one metric group, by environment. Put your own keys in the second line.
with asked (project_key, metric_group_key) as (values ('storefront', 'checkout-funnel'))
select
  e.environment_key,
  e.experiment_key,
  e.experiment_name,
  e.created_at,
  e.is_archived,
  e.archived_at,
  e.snapshot_id
from metric_group_experiments_current e
join asked a on a.project_key = e.project_key and a.metric_group_key = e.metric_group_key
order by e.environment_key, e.is_archived, e.experiment_key
