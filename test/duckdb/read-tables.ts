import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue, type Json } from '@duckdb/node-api';
import { type AthenaType, type Column, partitionColumn, type TableName, tables } from '../../lambda/contract/tables.ts';
import { duckdbTypes } from '../../lambda/query/duckdb-dialect.ts';

/** The tables of an output directory as they stood when they were opened, in a DuckDB in memory. */
export type OpenTables = {
  /** For what `query` does not do; a table per table of the contract, with its types and `snapshot_date`. */
  readonly connection: DuckDBConnection;
  /** Runs one statement; BIGINT and TIMESTAMP come as text, VARCHAR[] as arrays. */
  query(sql: string, values?: Readonly<Record<string, DuckDBValue>>): Promise<Record<string, Json>[]>;
  close(): void;
};

/**
 * Reads all tables under an output directory into DuckDB, with the contract's types; a table without objects has no rows.
 * They are copied rather than viewed, so that every value was checked before the first query, whichever columns that asks for.
 * @throws Error that names file, column and value where a value is not of the contract's type
 */
export async function openTables(outputDirectory: string): Promise<OpenTables> {
  if (!existsSync(outputDirectory)) throw new Error(`There is no output directory ${outputDirectory}`);
  // Nothing may be fetched, and nothing may be left beside the output.
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false', temp_directory: '' });
  const connection = await instance.connect();
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    for (const table of Object.keys(tables) as TableName[]) await copyTable(connection, outputDirectory, table);
  } catch (error) {
    close();
    throw error;
  }
  return {
    connection,
    query: async (sql, values) => (await connection.runAndReadAll(sql, values && { ...values })).getRowObjectsJson(),
    close,
  };
}

async function copyTable(connection: DuckDBConnection, outputDirectory: string, table: TableName): Promise<void> {
  const columns: readonly Column[] = tables[table].columns;
  const declared = [...columns, partitionColumn].map(
    ({ name, type, nullable }) => `${name} ${duckdbTypes[type]}${nullable ? '' : ' NOT NULL'}`,
  );
  await connection.run(`CREATE TABLE ${table} (${declared.join(', ')})`);

  const folder = join(outputDirectory, 'tables', table);
  const objects = globSync('*/*.jsonl.gz', { cwd: folder });
  if (objects.length === 0) return;
  const files = objects.sort().map((object) => quote(join(folder, object)));
  await connection.run(`
    INSERT INTO ${table}
    SELECT ${columns.map((column) => readStrictly(table, column)).join(', ')}, ${partitionColumn.name}
    FROM read_json([${files.join(', ')}], format = 'newline_delimited', compression = 'gzip', filename = true,
      hive_partitioning = true, hive_types = {${partitionColumn.name}: VARCHAR},
      columns = {${columns.map(({ name }) => `${name}: 'JSON'`).join(', ')}})`);
}

/** Left to itself DuckDB reads "1" and 1.5 as integers, and numbers, objects and lists as text. */
const typeRules: Readonly<Record<AthenaType, (json: string) => string>> = {
  string: (json) => `json_type(${json}) = 'VARCHAR'`,
  int: (json) => `json_type(${json}) IN ('BIGINT', 'UBIGINT')`,
  bigint: (json) => `json_type(${json}) IN ('BIGINT', 'UBIGINT')`,
  boolean: (json) => `json_type(${json}) = 'BOOLEAN'`,
  timestamp: (json) => `regexp_full_match(${json}::VARCHAR, '"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}"')`,
  'array<string>': (json) =>
    `json_type(${json}) = 'ARRAY' AND len(list_filter(${json}::JSON[], lambda item: json_type(item) IS DISTINCT FROM 'VARCHAR')) = 0`,
};

function readStrictly(table: TableName, { name, type }: Column): string {
  const value = type === 'string' || type === 'timestamp' ? `(${name} ->> '$')` : name;
  const told = `format('{}: ${table}.${name} is {}, which is no ${type}', filename, ${name}::VARCHAR)`;
  return `CASE WHEN ${name} IS NULL THEN NULL WHEN ${typeRules[type](name)} THEN ${value}::${duckdbTypes[type]} ELSE error(${told}) END`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
