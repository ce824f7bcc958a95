import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectoryOutput } from '../../lambda/output/directory-output.ts';
import { askWarehouse } from '../../lambda/query/ask-warehouse.ts';
import { openLocalWarehouse } from '../../lambda/query/open-local-warehouse.ts';
import type { QueryEngine } from './scenario.ts';
import { type HistorySnapshot, writeHistory } from './write-history.ts';

/** Writes a history into a directory of its own, and gives work the local warehouse over it. */
export async function withDuckdbEngine(
  history: readonly HistorySnapshot[],
  work: (engine: QueryEngine, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'metric-group-sync-views-'));
  try {
    await writeHistory(createDirectoryOutput(directory), history);
    const warehouse = await openLocalWarehouse(directory);
    await work({ query: (sql) => askWarehouse(warehouse, sql) }, directory).finally(warehouse.close);
  } finally {
    await rm(directory, { recursive: true });
  }
}
