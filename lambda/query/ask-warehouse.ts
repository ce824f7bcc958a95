import {
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import { earliestInstantMs, formatInstant, latestInstantMs } from '../contract/instants.ts';
import { describeError, SyncError } from '../errors.ts';
import type { LocalWarehouse } from './open-local-warehouse.ts';

/** A value as the files write it: instants as text with milliseconds, whole numbers as numbers where they are exact. */
export type Cell = Json;

/** What a query gives. Columns of one name are told apart: `key`, `key:1`. */
export type Rows = { readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

/** The same, some rows at a time: all of them at once would be many times what DuckDB itself needs for them. */
export type RowBatches = Pick<Rows, 'columns'> & { readonly batches: AsyncIterable<Rows['rows']> };

/**
 * Runs one statement and reads all of its rows.
 * @param values What `$name` in the statement stands for.
 * @throws SyncError as `runStatement` does
 */
export async function askWarehouse(warehouse: LocalWarehouse, sql: string, values?: Readonly<Record<string, DuckDBValue>>): Promise<Rows> {
  return collectRows(await runStatement(warehouse, sql, values));
}

/** Reads all rows of a query into memory. */
export async function collectRows({ columns, batches }: RowBatches): Promise<Rows> {
  const rows: (readonly Cell[])[] = [];
  for await (const batch of batches) rows.push(...batch);
  return { columns, rows };
}

/**
 * Runs one statement to its end, so that nothing of a failed one is shown.
 * @param values What `$name` in the statement stands for.
 * @throws SyncError of kind `configuration` where the statement is wrong, `output` where a table cannot be read
 */
export async function runStatement(
  { connection }: LocalWarehouse,
  sql: string,
  values?: Readonly<Record<string, DuckDBValue>>,
): Promise<RowBatches> {
  // What cannot be counted cannot be parsed either, and running it says why.
  const statements = await connection.extractStatements(sql).catch(() => undefined);
  if (statements !== undefined && statements.count > 1) {
    throw new SyncError('configuration', `there are ${statements.count} statements: give one at a time`);
  }
  try {
    const result = await connection.run(sql, values && { ...values });
    return { columns: result.deduplicatedColumnNames(), batches: result.yieldConvertedRows<Cell>(convertCell) };
  } catch (error) {
    const message = describeError(error);
    const isWrong =
      /^(Parser|Binder|Catalog|Syntax|Conversion|Invalid Input|Not implemented) Error/.test(message) && !message.includes(' in file "');
    throw new SyncError(isWrong ? 'configuration' : 'output', message, { cause: error });
  }
}

const wholeNumbers: readonly DuckDBTypeId[] = [DuckDBTypeId.BIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.UBIGINT];

const convertCell: DuckDBValueConverter<Cell> = (value, type, converter) => {
  if (value instanceof DuckDBTimestampValue) {
    const ms = Number(value.micros / 1000n);
    // A statement may make instants that no table holds, infinite ones too.
    if (ms >= earliestInstantMs && ms <= latestInstantMs) return formatInstant(ms);
  }
  if (typeof value === 'bigint' && wholeNumbers.includes(type.typeId)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return JsonDuckDBValueConverter(value, type, converter);
};
