import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { tablePrefix } from '../contract/objects.ts';
import { type Column, partitionColumn, type TableName, tables } from '../contract/tables.ts';
import { readViewSql, viewNames } from '../contract/views.ts';
import { SyncError } from '../errors.ts';
import { dialectStatements, duckdbTypes } from './duckdb-dialect.ts';

/** Tables and views over an output directory, in a DuckDB in memory. */
export type LocalWarehouse = {
  readonly connection: DuckDBConnection;
  close(): void;
};

/**
 * Opens the tables under an output directory, and the contract's views over them. Nothing is read before a query asks for it.
 * @throws SyncError of kind `unreadable` where there is no such directory, `configuration` where it is a bucket
 */
export async function openLocalWarehouse(directory: string): Promise<LocalWarehouse> {
  if (directory.startsWith('s3://')) {
    throw new SyncError('configuration', `output is ${directory}: a bucket is queried with Athena; name a local directory (--output)`);
  }
  if (!existsSync(directory)) {
    throw new SyncError('unreadable', `there is no output directory ${directory}: name the one that sync wrote (--output)`);
  }
  // Nothing may be fetched, and nothing may be left beside the output.
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', temp_directory: '' });
  const connection = await instance.connect();
  for (const statement of dialectStatements) await connection.run(statement);
  for (const table of Object.keys(tables) as TableName[]) await connection.run(describeTable(directory, table));
  for (const view of viewNames) await connection.run(`CREATE VIEW ${view} AS\n${readViewSql(view)}`);
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A row may hold what LaunchDarkly sent of up to 16 MiB, and escapes. */
const longestLine = 64 * 1024 * 1024;

function describeTable(directory: string, table: TableName): string {
  const columns: readonly Column[] = tables[table].columns;
  const folder = join(directory, tablePrefix(table));
  if (globSync('snapshot_date=*/*.jsonl.gz', { cwd: folder }).length === 0) {
    const declared = [...columns, partitionColumn].map(({ name, type }) => `${name} ${duckdbTypes[type]}`);
    return `CREATE TABLE ${table} (${declared.join(', ')})`;
  }
  const types = columns.map(({ name, type }) => `${name}: '${duckdbTypes[type]}'`);
  return `CREATE VIEW ${table} AS
    SELECT ${[...columns, partitionColumn].map(({ name }) => name).join(', ')}
    FROM read_json(${quote(join(folder, 'snapshot_date=*', '*.jsonl.gz'))}, format = 'newline_delimited', compression = 'gzip',
      hive_partitioning = true, hive_types = {${partitionColumn.name}: VARCHAR}, maximum_object_size = ${longestLine},
      columns = {${types.join(', ')}})`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
