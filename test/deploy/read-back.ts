import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { partitionColumn, type TableName, tables } from '../../lambda/contract/tables.ts';
import { viewNames } from '../../lambda/contract/views.ts';
import { openTables } from '../duckdb/read-tables.ts';
import { listFiles } from '../end-to-end/read-output.ts';
import { tablesOf } from '../run-sync.ts';
import type { Account } from './account.ts';

type GlueTable = {
  readonly Name: string;
  readonly TableType: string;
  readonly PartitionKeys: readonly { readonly Name: string; readonly Type: string }[];
  readonly StorageDescriptor: { readonly Location: string; readonly Columns: readonly { readonly Name: string; readonly Type: string }[] };
};

/** Checks that the deployed catalogue has the contract's tables, each with its columns and over its folder, and the contract's views. */
export async function checkCatalogue(analyst: Account, database: string, outputUri: string): Promise<void> {
  const { TableList } = await analyst.aws<{ TableList: readonly GlueTable[] }>('glue', 'get-tables', '--database-name', database);
  const isView = ({ TableType }: GlueTable): boolean => TableType === 'VIRTUAL_VIEW';
  assert.deepEqual(
    TableList.filter(isView)
      .map(({ Name }) => Name)
      .sort(),
    [...viewNames].sort(),
  );
  const deployed = TableList.filter((table) => !isView(table)).map(({ Name, PartitionKeys, StorageDescriptor: { Location, Columns } }) => [
    Name,
    { location: Location, columns: [...Columns, ...PartitionKeys].map(({ Name: name, Type: type }) => `${name} ${type}`) },
  ]);
  const wanted = (Object.keys(tables) as TableName[]).map((table) => [
    table,
    {
      location: `${outputUri}/tables/${table}/`,
      columns: [...tables[table].columns, partitionColumn].map(({ name, type }) => `${name} ${type}`),
    },
  ]);
  assert.deepEqual(Object.fromEntries(deployed), Object.fromEntries(wanted));
}

/**
 * Reads all tables of an output as an analyst and checks that they are the rows of `expected`, in the contract's types.
 * @returns how many rows each table has
 */
export async function checkTables(
  analyst: Account,
  outputUri: string,
  folder: string,
  expected: ReadonlyMap<string, Buffer>,
): Promise<Record<string, number>> {
  await analyst.aws('s3', 'sync', '--only-show-errors', `${outputUri}/tables/`, join(folder, 'tables'));
  const objects = new Map(listFiles(folder).map((object) => [object, readFileSync(join(folder, object))]));
  assert.deepEqual(tablesOf(objects), tablesOf(expected));
  const read = await openTables(folder);
  try {
    const counts: Record<string, number> = {};
    for (const table of Object.keys(tables))
      counts[table] = Number((await read.query(`SELECT count(*)::INTEGER AS n FROM ${table}`))[0]?.['n']);
    return counts;
  } finally {
    read.close();
  }
}

/** Checks that an analyst is refused raw answers, which may hold what tables leave out. */
export async function checkRawIsRefused(analyst: Account, outputUri: string): Promise<void> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(outputUri) ?? [];
  const list = analyst.aws('s3api', 'list-objects-v2', '--bucket', bucket, '--prefix', `${prefix}/raw/`);
  await assert.rejects(list, /\(AccessDenied\).*s3:ListBucket/s);
}
