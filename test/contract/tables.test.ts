import { expect, it } from 'vitest';
import { tables } from '../../lambda/contract/tables.ts';

const names = (table: keyof typeof tables): string => tables[table].columns.map(({ name }) => name).join(' ');
const typesOf = (table: keyof typeof tables, type: string): string =>
  tables[table].columns
    .filter((column) => column.type === type)
    .map(({ name }) => name)
    .join(' ');

it('has the columns of the contract, in its order', () => {
  expect(names('metric_groups')).toBe(
    'project_key metric_group_key metric_group_id name kind description tags maintainer_kind maintainer_key maintainer_email ' +
      'maintainer_first_name maintainer_last_name maintainer_role maintainer_team_key maintainer_team_name version created_at ' +
      'last_modified_at metric_keys metric_count experiment_count active_experiment_count active_guarded_rollout_count extra_json ' +
      'extracted_at row_hash snapshot_id snapshot_at',
  );
  expect(names('metric_group_metrics')).toBe(
    'project_key metric_group_key metric_group_id position metric_key metric_version_id metric_name metric_kind name_in_group is_numeric ' +
      'event_key unit_aggregation_type analysis_type analysis_unit analysis_units extra_json extracted_at row_hash snapshot_id snapshot_at',
  );
  expect(names('metric_group_experiments')).toBe(
    'project_key metric_group_key metric_group_id environment_key environment_id experiment_key experiment_name created_at archived_at ' +
      'is_archived extra_json extracted_at row_hash snapshot_id snapshot_at',
  );
  expect(names('sync_targets')).toBe(
    'project_key metric_group_key status http_status error_code error_message attempts rate_limited_count duration_ms discovered ' +
      'extracted_at snapshot_id snapshot_at',
  );
  expect(names('sync_snapshots')).toBe(
    'run_id status scope started_at finished_at targets_total targets_succeeded targets_not_found targets_forbidden targets_invalid ' +
      'targets_failed requests_total retries_total rate_limited_total metric_group_rows metric_group_metric_rows ' +
      'metric_group_experiment_rows unknown_fields code_version snapshot_id snapshot_at',
  );
});

it('has the types of the contract', () => {
  expect(typesOf('metric_groups', 'array<string>')).toBe('tags metric_keys');
  expect(typesOf('metric_groups', 'timestamp')).toBe('created_at last_modified_at extracted_at snapshot_at');
  expect(typesOf('metric_groups', 'int')).toBe(
    'version metric_count experiment_count active_experiment_count active_guarded_rollout_count',
  );
  expect(typesOf('metric_group_metrics', 'int')).toBe('position');
  expect(typesOf('metric_group_metrics', 'boolean')).toBe('is_numeric');
  expect(typesOf('metric_group_metrics', 'array<string>')).toBe('analysis_units');
  expect(typesOf('metric_group_experiments', 'timestamp')).toBe('created_at archived_at extracted_at snapshot_at');
  expect(typesOf('metric_group_experiments', 'boolean')).toBe('is_archived');
  expect(typesOf('sync_targets', 'bigint')).toBe('duration_ms');
  expect(typesOf('sync_targets', 'int')).toBe('http_status attempts rate_limited_count');
  expect(typesOf('sync_targets', 'boolean')).toBe('discovered');
  expect(typesOf('sync_snapshots', 'bigint')).toBe(
    'requests_total retries_total rate_limited_total metric_group_rows metric_group_metric_rows metric_group_experiment_rows',
  );
  expect(typesOf('sync_snapshots', 'array<string>')).toBe('unknown_fields');
});
