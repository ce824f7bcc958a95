import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api';
import { formatInstant } from '../../lambda/contract/instants.ts';
import { createDirectoryOutput } from '../../lambda/output/directory-output.ts';
import { openLocalWarehouse } from '../../lambda/query/open-local-warehouse.ts';
import type { Cell, QueryEngine } from './scenario.ts';
import { type HistorySnapshot, writeHistory } from './write-history.ts';

/** Writes a history into a directory of its own, and gives work the local warehouse over it. */
export async function withDuckdbEngine(history: readonly HistorySnapshot[], work: (engine: QueryEngine) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'metric-group-sync-views-'));
  try {
    await writeHistory(createDirectoryOutput(directory), history);
    const engine = await openDuckdbEngine(directory);
    await work(engine).finally(engine.close);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The local warehouse over a directory, its values as both engines are made to give them. */
async function openDuckdbEngine(directory: string): Promise<QueryEngine & { close(): void }> {
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
