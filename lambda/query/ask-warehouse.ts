import {
  DuckDBTimestampValue,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import { formatInstant } from '../contract/instants.ts';
import { describeError, SyncError } from '../errors.ts';
import type { LocalWarehouse } from './open-local-warehouse.ts';

/** A value as the files write it: instants as text with milliseconds, whole numbers as numbers where they are exact. */
export type Cell = Json;

/** What a query gives. */
export type Rows = { readonly columns: readonly string[]; readonly rows: readonly (readonly Cell[])[] };

/**
 * Runs one statement and reads all of its rows.
 * @param values What `$name` in the statement stands for.
 * @throws SyncError of kind `configuration` where the statement is wrong, `output` where a table cannot be read
 */
export async function askWarehouse(
  { connection }: LocalWarehouse,
  sql: string,
  values?: Readonly<Record<string, DuckDBValue>>,
): Promise<Rows> {
  try {
    const reader = await connection.runAndReadAll(sql, values && { ...values });
    return { columns: reader.columnNames(), rows: reader.convertRows<Cell>(convertCell) };
  } catch (error) {
    const message = describeError(error);
    const isWrong =
      /^(Parser|Binder|Catalog|Syntax|Conversion|Invalid Input|Not implemented) Error/.test(message) &&
      !message.includes('JSON transform error');
    throw new SyncError(isWrong ? 'configuration' : 'output', message, { cause: error });
  }
}

const wholeNumbers: readonly DuckDBTypeId[] = [DuckDBTypeId.BIGINT, DuckDBTypeId.HUGEINT, DuckDBTypeId.UBIGINT];

const convertCell: DuckDBValueConverter<Cell> = (value, type, converter) => {
  if (value instanceof DuckDBTimestampValue) return formatInstant(Number(value.micros / 1000n));
  if (typeof value === 'bigint' && wholeNumbers.includes(type.typeId)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return JsonDuckDBValueConverter(value, type, converter);
};
