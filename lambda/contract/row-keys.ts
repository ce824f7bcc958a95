import type { Row, TableName } from './tables.ts';

const group = ['project_key', 'metric_group_key'] as const;

/** What no two rows of one snapshot share, by table; rows are sorted by it. */
export const rowKeys: { readonly [T in TableName]: readonly (keyof Row<T> & string)[] } = {
  sync_targets: group,
  metric_groups: group,
  metric_group_metrics: [...group, 'position'],
  metric_group_experiments: [...group, 'environment_key', 'experiment_key'],
  sync_snapshots: ['snapshot_id'],
};
