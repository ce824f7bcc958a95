import { commitObject, type Snapshot, tableObjectsPrefix } from '../contract/objects.ts';
import type { TableName } from '../contract/tables.ts';
import { streamLines } from '../json/json-lines.ts';
import type { Output } from '../output/output.ts';

/** A row as it stands in an output: its line with the `\n`, its object, and its place in there, from 0. */
export type StoredRow = { readonly line: string; readonly object: string; readonly place: number };

/** Lists the objects that stand of a snapshot's table, in their order. @throws SyncError of kind `output` */
export async function listTableObjects(output: Output, table: TableName, snapshot: Snapshot): Promise<string[]> {
  if (table === 'sync_snapshots') return (await output.list(commitObject(snapshot))).filter((object) => object === commitObject(snapshot));
  const prefix = tableObjectsPrefix(table, snapshot);
  const objects = await output.list(prefix);
  return objects.filter((object) => /^\d{5}\.jsonl\.gz$/.test(object.slice(prefix.length)));
}

/**
 * Reads the rows of a table's objects one by one; memory is bounded by one compressed object.
 * @param onUnreadable Called for an object that is gone or damaged: its rows end where that shows.
 * @throws SyncError of kind `output` where an object cannot be fetched
 */
export async function* readStoredRows(
  output: Output,
  objects: readonly string[],
  onUnreadable: (object: string) => void,
): AsyncGenerator<StoredRow> {
  for (const object of objects) {
    const content = await output.get(object);
    if (content === undefined) {
      onUnreadable(object);
      continue;
    }
    let place = 0;
    const batches = streamLines(content);
    for (;;) {
      const batch = await batches.next().catch(() => undefined);
      if (batch === undefined) onUnreadable(object);
      if (batch === undefined || batch.done) break;
      for (const line of batch.value) yield { line, object, place: place++ };
    }
  }
}
