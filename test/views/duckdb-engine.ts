import { DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { formatInstant } from '../../lambda/contract/instants.ts';
import { openLocalWarehouse } from '../../lambda/query/open-local-warehouse.ts';
import type { Cell, QueryEngine } from './scenario.ts';

/** The local warehouse over a directory, its values as both engines are made to give them. */
export async function openDuckdbEngine(directory: string): Promise<QueryEngine & { close(): void }> {
  const { connection, close } = await openLocalWarehouse(directory);
  return {
    query: async (sql) => {
      const reader = await connection.runAndReadAll(sql);
      return { columns: reader.columnNames(), rows: reader.getRows().map((row) => row.map(toCell)) };
    },
    close,
  };
}

function toCell(value: DuckDBValue): Cell {
  if (value instanceof DuckDBTimestampValue) return formatInstant(Number(value.micros / 1000n));
  if (typeof value === 'bigint') return Number(value);
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'object' && 'items' in value && Array.isArray(value.items)) return value.items.map(toCell);
  throw new Error(`no value of the tables: ${String(value)}`);
}
