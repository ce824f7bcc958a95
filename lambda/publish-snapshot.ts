import { commitObject } from './contract/objects.ts';
import { format } from './contract/raw.ts';
import { dataTableNames, type Row } from './contract/tables.ts';
import { SyncError } from './errors.ts';
import { gzipTexts } from './json/json-lines.ts';
import { createTableWriter, type PutObject } from './load/table-writer.ts';
import { makeTables, type SealedSnapshot } from './make-tables.ts';
import { createRowEncoder } from './transform/encode-row.ts';

/** Puts an object where there is none: how a sync writes. */
export const createOnly: PutObject = (output, object, content) => output.create(object, content);

/**
 * Writes tables and commit of a sealed snapshot, each object where there is none: whoever does it, however often and however late,
 * writes the same rows. Memory is bounded by a slice and the compressed objects under way.
 * @throws SyncError of kind `output`; of kind `not_published` where the seal is of another format
 */
export async function publishSnapshot(sealed: SealedSnapshot): Promise<Row<'sync_snapshots'>> {
  const { snapshot, seal } = sealed;
  if (seal.format !== format) {
    throw new SyncError(
      'not_published',
      `snapshot ${snapshot.id} was sealed by format ${seal.format}, and this version writes format ${format}: its tables would differ. ` +
        `Run the version that sealed it, or let \`rebuild --from ${snapshot.date} --to ${snapshot.date}\` finish it`,
    );
  }
  const commit = await writeTables(sealed, createOnly);
  await writeCommit(sealed, commit, createOnly);
  return commit;
}

/** Writes the four tables that come before the commit, and returns the commit's row. @throws SyncError of kind `output` */
export async function writeTables(sealed: SealedSnapshot, put: PutObject): Promise<Row<'sync_snapshots'>> {
  const { output, snapshot } = sealed;
  const writers = new Map(dataTableNames.map((table) => [table, createTableWriter(output, table, snapshot, put)]));
  try {
    const commit = await makeTables(sealed, async (table, lines) => writers.get(table)?.append(lines));
    for (const writer of writers.values()) await writer.finish();
    return commit;
  } catch (error) {
    await Promise.all([...writers.values()].map((writer) => writer.abandon()));
    throw error;
  }
}

/** Writes the commit, once all the rest is there. @throws SyncError of kind `output` */
export async function writeCommit({ output, snapshot }: SealedSnapshot, commit: Row<'sync_snapshots'>, put: PutObject): Promise<void> {
  await put(output, commitObject(snapshot), await gzipTexts([createRowEncoder('sync_snapshots')(commit)]));
}
