import { statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { tablePrefix } from '../contract/objects.ts';
import { type Column, partitionColumn, type TableName, tables } from '../contract/tables.ts';
import { readViewSql, viewNames } from '../contract/views.ts';
import { SyncError } from '../errors.ts';
import { createDirectoryOutput } from '../output/directory-output.ts';
import { dialectStatements, duckdbTypes } from './duckdb-dialect.ts';

/** Tables and views over an output directory, in a DuckDB in memory. */
export type LocalWarehouse = {
  readonly connection: DuckDBConnection;
  close(): void;
};

/**
 * Opens the tables under an output directory, and the contract's views over them. Nothing is read before a query asks for it.
 * @throws SyncError of kind `unreadable` where there is no such directory, `output` where it cannot be read, `configuration` where it is a bucket or has a name that DuckDB cannot read
 */
export async function openLocalWarehouse(directory: string): Promise<LocalWarehouse> {
  if (directory.startsWith('s3://')) {
    throw new SyncError('configuration', `output is ${directory}: a bucket is queried with Athena; name a local directory (--output)`);
  }
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new SyncError('unreadable', `there is no output directory ${directory}: name the one that sync wrote (--output)`);
  }
  if (sep === '/' && resolve(directory).includes('\\')) {
    throw new SyncError(
      'configuration',
      `output is ${directory}: DuckDB takes the \\ in it for a separator; give the directory another name`,
    );
  }
  // Nothing may be fetched, and nothing may be left beside the output.
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', temp_directory: '' });
  const connection = await instance.connect();
  for (const statement of dialectStatements) await connection.run(statement);
  for (const table of Object.keys(tables) as TableName[]) await connection.run(await describeTable(directory, table));
  for (const view of viewNames) await connection.run(`CREATE VIEW ${view} AS\n${readViewSql(view)}`);
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Names begin with an instant: what else a system leaves in a folder, such as `._20261123T060000Z.jsonl.gz`, is none of them. */
const objectPattern = `${partitionColumn.name}=*/[0-9]*.jsonl.gz`;
const objectName = new RegExp(`/${partitionColumn.name}=[^/]*/[0-9][^/]*\\.jsonl\\.gz$`);

/** A row may hold what LaunchDarkly sent of up to 16 MiB, and escapes. */
const longestLine = 64 * 1024 * 1024;

async function describeTable(directory: string, table: TableName): Promise<string> {
  const columns: readonly Column[] = tables[table].columns;
  // Every folder is opened: DuckDB passes over those that may not be read, as if nothing were there.
  const objects = await createDirectoryOutput(directory).list(tablePrefix(table));
  if (!objects.some((object) => objectName.test(object))) {
    const declared = [...columns, partitionColumn].map(({ name, type }) => `${name} ${duckdbTypes[type]}`);
    return `CREATE TABLE ${table} (${declared.join(', ')})`;
  }
  const types = columns.map(({ name, type }) => `${name}: '${duckdbTypes[type]}'`);
  return `CREATE VIEW ${table} AS
    SELECT ${[...columns, partitionColumn].map(({ name }) => name).join(', ')}
    FROM read_json(${quote(join(escapeGlob(resolve(directory, tablePrefix(table))), objectPattern))}, format = 'newline_delimited', compression = 'gzip',
      hive_partitioning = true, hive_types = {${partitionColumn.name}: VARCHAR}, maximum_object_size = ${longestLine},
      columns = {${types.join(', ')}})`;
}

/** DuckDB reads a path as a pattern: what the name of a directory holds must stand for itself. */
const escapeGlob = (path: string): string => path.replaceAll(/[[*?]/g, '[$&]');

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
