import { commitObject, readCommitObject, type Snapshot, snapshotAt, tablePrefix } from '../contract/objects.ts';
import type { Row } from '../contract/tables.ts';
import { SyncError } from '../errors.ts';
import { readJsonLines } from '../json/json-lines.ts';
import { isJsonObject } from '../json/json-text.ts';
import type { Output } from '../output/output.ts';

/** How far back a snapshot is compared with the one before it. */
const lookBackMs = 30 * 24 * 3_600_000;

/** Reads the commit of a snapshot; undefined where it is not published. @throws SyncError of kind `output` */
export const readCommit = (output: Output, snapshot: Snapshot): Promise<Row<'sync_snapshots'> | undefined> =>
  readRow(output, commitObject(snapshot));

/** Finds the newest published full snapshot of an earlier instant, at most 30 days before. @throws SyncError of kind `output` */
export async function findPreviousFullCommit(output: Output, snapshot: Snapshot): Promise<Row<'sync_snapshots'> | undefined> {
  const earliest = snapshotAt(snapshot.atMs - lookBackMs);
  const prefix = tablePrefix('sync_snapshots');
  const objects = await output.list(prefix, `${prefix}snapshot_date=${earliest.date}`);
  const earlier = objects.filter((object) => {
    const id = readCommitObject(object);
    return id !== undefined && id < snapshot.id && id >= earliest.id;
  });
  for (const object of earlier.reverse()) {
    const row = await readRow(output, object);
    if (row?.scope === 'full') return row;
  }
  return undefined;
}

async function readRow(output: Output, object: string): Promise<Row<'sync_snapshots'> | undefined> {
  const content = await output.get(object);
  if (content === undefined) return undefined;
  for (const row of readJsonLines(content, object)) {
    if (isJsonObject(row) && typeof row['targets_succeeded'] === 'number' && typeof row['status'] === 'string')
      return row as Row<'sync_snapshots'>;
  }
  throw new SyncError('output', `output ${object}: holds no row of sync_snapshots; something else wrote it: move it away`);
}
