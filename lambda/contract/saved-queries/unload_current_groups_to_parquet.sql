-- The current metric groups as Parquet files. The folder must be empty: give it another last part each time.
-- It lies among the results of queries, and is deleted with them after some days: copy what is to stay.
unload (
  select
    project_key,
    metric_group_key,
    metric_group_id,
    name,
    kind,
    tags,
    metric_keys,
    experiment_count,
    active_experiment_count,
    created_at,
    last_modified_at,
    snapshot_id,
    snapshot_at
  from metric_groups_current
)
to '{query_results}unloaded/metric_groups_current/1/'
with (format = 'PARQUET', compression = 'ZSTD')
