import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import { type GroupTableName, type OwnRow, type Row, tables } from '../../lambda/contract/tables.ts';
import { createGroupRowEncoder, createRowEncoder } from '../../lambda/transform/encode-row.ts';

const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00Z'));
const later = snapshotAt(Date.parse('2026-11-24T06:00:00Z'));
const extractedAt = '2026-11-23 06:00:01.234';

const experiment: OwnRow<'metric_group_experiments'> = {
  project_key: 'demo',
  metric_group_key: 'odd',
  metric_group_id: 'id',
  environment_key: 'production',
  environment_id: '1234a56b7c89d012345e678f',
  experiment_key: 'e',
  experiment_name: 'Ü "x"\n',
  created_at: '2023-11-14 22:13:20.000',
  archived_at: null,
  is_archived: false,
  extra_json: null,
};

/** The contract's sentence on `row_hash`, word by word, from the line itself. */
function hashOf(table: GroupTableName, line: string): string {
  const row = JSON.parse(line) as Record<string, unknown>;
  const own = tables[table].columns.map(({ name }) => name as string);
  const members = own
    .slice(0, own.indexOf('extracted_at'))
    .filter((name) => row[name] !== null)
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(row[name])}`);
  return createHash('sha256')
    .update(`{${members.join(',')}}`, 'utf8')
    .digest('hex')
    .slice(0, 16);
}

describe('a row of a metric group', () => {
  const encode = createGroupRowEncoder('metric_group_experiments', snapshot);

  it('is one line of JSON with every column in the order of the table', () => {
    const line = encode(experiment, extractedAt);
    expect(line).toBe(
      '{"project_key":"demo","metric_group_key":"odd","metric_group_id":"id","environment_key":"production",' +
        '"environment_id":"1234a56b7c89d012345e678f","experiment_key":"e","experiment_name":"Ü \\"x\\"\\n",' +
        '"created_at":"2023-11-14 22:13:20.000","archived_at":null,"is_archived":false,"extra_json":null,' +
        `"extracted_at":"2026-11-23 06:00:01.234","row_hash":"${hashOf('metric_group_experiments', line)}",` +
        '"snapshot_id":"20261123T060000Z","snapshot_at":"2026-11-23 06:00:00.000"}\n',
    );
    expect(Object.keys(JSON.parse(line))).toEqual(tables.metric_group_experiments.columns.map(({ name }) => name));
  });

  it('has the columns in the order of the table also where the row has them in another', () => {
    const turned = Object.fromEntries(Object.entries(experiment).reverse()) as typeof experiment;
    expect(encode(turned, extractedAt)).toBe(encode(experiment, extractedAt));
  });

  it('hashes the own columns that are not null, and no other', () => {
    const hashes = [experiment, { ...experiment, archived_at: '2024-01-01 00:00:00.000', is_archived: true, extra_json: '{"z":1.0}' }].map(
      (row) => {
        const line = encode(row, extractedAt);
        expect(JSON.parse(line).row_hash).toBe(hashOf('metric_group_experiments', line));
        return JSON.parse(line).row_hash;
      },
    );
    expect(new Set(hashes).size).toBe(2);
  });

  it('has the same hash in another snapshot, however late the answer came', () => {
    const [first, second] = [
      encode(experiment, extractedAt),
      createGroupRowEncoder('metric_group_experiments', later)(experiment, later.at),
    ];
    expect(second).not.toBe(first);
    expect(JSON.parse(second ?? '').row_hash).toBe(JSON.parse(first ?? '').row_hash);
  });

  it('has the hash it would have without the columns that are null', () => {
    const line = encode(experiment, extractedAt);
    const known = Object.entries(experiment).filter(([, value]) => value !== null);
    const text = JSON.stringify(Object.fromEntries(known));
    expect(JSON.parse(line).row_hash).toBe(createHash('sha256').update(text).digest('hex').slice(0, 16));
  });

  it('tells an empty text, an empty list and false from null', () => {
    const metric: OwnRow<'metric_group_metrics'> = {
      project_key: '',
      metric_group_key: '',
      metric_group_id: '',
      position: 1,
      metric_key: '',
      metric_version_id: null,
      metric_name: '',
      metric_kind: '',
      name_in_group: null,
      is_numeric: null,
      event_key: null,
      unit_aggregation_type: null,
      analysis_type: null,
      analysis_unit: null,
      analysis_units: null,
      extra_json: null,
    };
    const encodeMetric = createGroupRowEncoder('metric_group_metrics', snapshot);
    const variants = [metric, { ...metric, name_in_group: '' }, { ...metric, is_numeric: false }, { ...metric, analysis_units: [] }];
    const hashes = variants.map((row) => JSON.parse(encodeMetric(row, extractedAt)).row_hash);
    expect(new Set(hashes).size).toBe(variants.length);
  });
});

describe('a row of another table', () => {
  it('is one line of JSON in the order of the table, with lists whole', () => {
    const row: Row<'sync_snapshots'> = {
      snapshot_at: snapshot.at,
      snapshot_id: snapshot.id,
      run_id: 'r',
      status: 'complete',
      scope: 'full',
      started_at: 's',
      finished_at: 'f',
      targets_total: 1,
      targets_succeeded: 1,
      targets_not_found: 0,
      targets_forbidden: 0,
      targets_invalid: 0,
      targets_failed: 0,
      requests_total: 3,
      retries_total: 2,
      rate_limited_total: 1,
      metric_group_rows: 1,
      metric_group_metric_rows: 0,
      metric_group_experiment_rows: 0,
      unknown_fields: ['run_id', 'metrics[]["odd name"]'],
      code_version: '1',
    };
    expect(createRowEncoder('sync_snapshots')(row)).toBe(
      '{"run_id":"r","status":"complete","scope":"full","started_at":"s","finished_at":"f","targets_total":1,"targets_succeeded":1,' +
        '"targets_not_found":0,"targets_forbidden":0,"targets_invalid":0,"targets_failed":0,"requests_total":3,"retries_total":2,' +
        '"rate_limited_total":1,"metric_group_rows":1,"metric_group_metric_rows":0,"metric_group_experiment_rows":0,' +
        '"unknown_fields":["run_id","metrics[][\\"odd name\\"]"],"code_version":"1",' +
        '"snapshot_id":"20261123T060000Z","snapshot_at":"2026-11-23 06:00:00.000"}\n',
    );
  });
});
