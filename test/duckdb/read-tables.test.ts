import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitObject, snapshotAt, tableObject } from '../../lambda/contract/objects.ts';
import { type Row, type TableName, tables } from '../../lambda/contract/tables.ts';
import { type OpenTables, openTables } from './read-tables.ts';

const snapshot = snapshotAt(Date.UTC(2026, 10, 23, 6));
const lineage = { snapshot_id: snapshot.id, snapshot_at: snapshot.at };
const commit: Row<'sync_snapshots'> = {
  run_id: 'run-1',
  status: 'complete',
  scope: 'full',
  started_at: '2026-11-23 06:00:00.000',
  finished_at: '2026-11-23 06:00:07.250',
  targets_total: 1,
  targets_succeeded: 1,
  targets_not_found: 0,
  targets_forbidden: 0,
  targets_invalid: 0,
  targets_failed: 0,
  requests_total: 9_007_199_254_740_991,
  retries_total: 0,
  rate_limited_total: 0,
  metric_group_rows: 1,
  metric_group_metric_rows: 0,
  metric_group_experiment_rows: 0,
  unknown_fields: ['metrics[].z', '["odd \u0000 name"]'],
  code_version: '0.1.0',
  ...lineage,
};

describe('openTables', () => {
  let directory: string;
  let opened: OpenTables | undefined;
  const write = async (object: string, rows: readonly unknown[]): Promise<void> => {
    const path = join(directory, object);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
  };
  const open = async (): Promise<OpenTables> => {
    opened = await openTables(directory);
    return opened;
  };

  beforeEach(async () => {
    // Characters that mean something to SQL and to globs.
    directory = await mkdtemp(join(tmpdir(), "tables [it's] * "));
  });
  afterEach(async () => {
    opened?.close();
    opened = undefined;
    await rm(directory, { recursive: true });
  });

  it("gives every column the contract's type, also where all objects are empty", async () => {
    for (const table of ['sync_targets', 'metric_groups', 'metric_group_metrics', 'metric_group_experiments'] as const) {
      await write(tableObject(table, snapshot, 0), []);
    }
    const { query } = await open();
    const sqlTypes = { string: 'VARCHAR', int: 'INTEGER', bigint: 'BIGINT', boolean: 'BOOLEAN', timestamp: 'TIMESTAMP' };
    for (const table of Object.keys(tables) as TableName[]) {
      const described = await query(`SELECT column_name, column_type FROM (DESCRIBE ${table})`);
      const declared = tables[table].columns.map(({ name, type }) => ({
        column_name: name,
        column_type: type === 'array<string>' ? 'VARCHAR[]' : sqlTypes[type],
      }));
      expect(described).toEqual([...declared, { column_name: 'snapshot_date', column_type: 'VARCHAR' }]);
      expect(await query(`FROM ${table}`)).toEqual([]);
    }
  });

  it('reads rows back as they were written, with the date of their partition', async () => {
    await write(commitObject(snapshot), [commit]);
    const { query } = await open();
    expect(await query('FROM sync_snapshots')).toEqual([
      {
        ...commit,
        // DuckDB's text of a timestamp leaves out a fraction of zero; a bigint is text in JSON.
        started_at: '2026-11-23 06:00:00',
        finished_at: '2026-11-23 06:00:07.25',
        snapshot_at: '2026-11-23 06:00:00',
        requests_total: '9007199254740991',
        retries_total: '0',
        rate_limited_total: '0',
        metric_group_rows: '1',
        metric_group_metric_rows: '0',
        metric_group_experiment_rows: '0',
        snapshot_date: '2026-11-23',
      },
    ]);
    expect(await query('FROM sync_snapshots WHERE snapshot_id = $id', { id: 'another' })).toEqual([]);
  });

  it.each([
    [{ run_id: 5 }, 'sync_snapshots.run_id is 5, which is no string'],
    [{ run_id: { a: 1 } }, 'sync_snapshots.run_id is {"a":1}, which is no string'],
    [{ targets_total: '1' }, 'sync_snapshots.targets_total is "1", which is no int'],
    [{ targets_total: 1.5 }, 'sync_snapshots.targets_total is 1.5, which is no int'],
    [{ targets_total: 2_147_483_648 }, '2147483648'],
    [{ requests_total: true }, 'sync_snapshots.requests_total is true, which is no bigint'],
    [{ started_at: '2026-11-23T06:00:00Z' }, 'sync_snapshots.started_at is "2026-11-23T06:00:00Z", which is no timestamp'],
    [{ started_at: '2026-02-30 06:00:00.000' }, '2026-02-30'],
    [{ unknown_fields: ['a', 5] }, 'sync_snapshots.unknown_fields is ["a",5], which is no array<string>'],
    [{ unknown_fields: [null] }, 'sync_snapshots.unknown_fields is [null], which is no array<string>'],
    [{ unknown_fields: 'a' }, 'sync_snapshots.unknown_fields is "a", which is no array<string>'],
    [{ status: null }, 'NOT NULL constraint failed: sync_snapshots.status'],
    [{ status: undefined }, 'NOT NULL constraint failed: sync_snapshots.status'],
  ])('refuses %j', async (change, message) => {
    await write(commitObject(snapshot), [commit, { ...commit, ...change }]);
    await expect(open()).rejects.toThrow(message);
  });

  it('refuses a boolean that is text, and a line that is no JSON', async () => {
    const target: Row<'sync_targets'> = {
      project_key: 'storefront',
      metric_group_key: 'checkout-funnel',
      status: 'succeeded',
      http_status: 200,
      error_code: null,
      error_message: null,
      attempts: 1,
      rate_limited_count: 0,
      duration_ms: 12,
      discovered: false,
      extracted_at: snapshot.at,
      ...lineage,
    };
    await write(tableObject('sync_targets', snapshot, 0), [target]);
    expect(await (await open()).query('SELECT discovered, http_status, error_code FROM sync_targets')).toEqual([
      { discovered: false, http_status: 200, error_code: null },
    ]);
    opened?.close();
    await write(tableObject('sync_targets', snapshot, 0), [{ ...target, discovered: 'false' }]);
    await expect(open()).rejects.toThrow('sync_targets.discovered is "false", which is no boolean');
    await writeFile(join(directory, tableObject('sync_targets', snapshot, 0)), gzipSync('{"project_key":\n'));
    await expect(open()).rejects.toThrow('Malformed JSON');
  });

  it('refuses a directory that is not there', async () => {
    await expect(openTables(join(directory, 'none'))).rejects.toThrow('There is no output directory');
  });
});
