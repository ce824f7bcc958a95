import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { askWarehouse } from '../../lambda/query/ask-warehouse.ts';
import { openLocalWarehouse } from '../../lambda/query/open-local-warehouse.ts';
import { createMemoryOutput } from '../memory-output.ts';
import { createTimes, type QueryEngine } from './scenario.ts';
import { type HistorySnapshot, writeHistory } from './write-history.ts';

/** Writes a history into a directory of its own, and gives work the local warehouse over it; `current_date` is the day of `todayMs`. */
export async function withDuckdbEngine(
  history: readonly HistorySnapshot[],
  work: (engine: QueryEngine, directory: string) => Promise<void>,
  todayMs = Date.now(),
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'metric-group-sync-views-'));
  try {
    const output = createMemoryOutput();
    await writeHistory(output, history);
    // Plainly: making each outlast a power cut, as the directory output does, takes longer than asking the views.
    for (const [object, content] of output.objects) {
      const path = join(directory, object);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    const warehouse = await openLocalWarehouse(directory);
    await warehouse.connection.run(`CREATE MACRO current_date() AS DATE '${createTimes(todayMs).date(0)}'`);
    await work({ query: (sql) => askWarehouse(warehouse, sql) }, directory).finally(warehouse.close);
  } finally {
    await rm(directory, { recursive: true });
  }
}
