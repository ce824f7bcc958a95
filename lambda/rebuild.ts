import { commitObject, type Snapshot, sealObject, tableObject } from './contract/objects.ts';
import { type DataTableName, dataTableNames, type Row, type TableName } from './contract/tables.ts';
import { SyncError } from './errors.ts';
import { createTableComparer, type TableComparison } from './load/compare-table.ts';
import { listTableObjects } from './load/stored-rows.ts';
import type { PutObject } from './load/table-writer.ts';
import { makeTables, type SealedSnapshot } from './make-tables.ts';
import type { Content, Output } from './output/output.ts';
import { writeCommit, writeTables } from './publish-snapshot.ts';
import { fetchPlan, planIsGone } from './snapshot/plan.ts';
import { readSeal } from './snapshot/seal.ts';
import { createRowEncoder } from './transform/encode-row.ts';

/** What a rebuild found in a table, and what it did about it. */
export type RebuiltTable = TableComparison & { readonly objectsWritten: number };

/** What became of a snapshot; in a dry run, what would. */
export type RebuiltSnapshot = {
  readonly result: 'unchanged' | 'rebuilt' | 'published';
  readonly tables: Readonly<Record<TableName, RebuiltTable>>;
};

/** How a rebuild is done. */
export type RebuildOptions = {
  /** Compare, and write nothing. */
  readonly isDryRun: boolean;
  /** Aborted with a `SyncError` by whoever stops it: it ends before the next object. */
  readonly interrupt: AbortSignal;
};

/**
 * Derives tables and commit of a sealed snapshot again, whatever format sealed it. First all rows are made and compared with what stands, so
 * that a damaged snapshot stays as it is; then objects whose lines differ are replaced, those that are too many removed, and the commit comes
 * last. So it may be killed at any moment and be done again, beside a sync as well: that one creates objects only where there are none.
 * @throws SyncError of kind `output`, also where something was lost or damaged; of kind `interrupted`
 */
export async function rebuildSnapshot(output: Output, snapshot: Snapshot, options: RebuildOptions): Promise<RebuiltSnapshot> {
  const { isDryRun, interrupt } = options;
  const sealed = await readSealedSnapshot(output, snapshot);
  const { commit, compared } = await compareSnapshot(sealed, interrupt);
  const isSame = Object.values(compared).every(({ toWrite, toRemove }) => toWrite.size === 0 && toRemove.length === 0);
  const isFirst = compared.sync_snapshots.objectsBefore === 0;
  if (!isSame && !isDryRun) await replaceWhatDiffers(sealed, compared, commit, interrupt);
  const tables = await mapTables((table) => ({ ...compared[table], objectsWritten: isDryRun ? 0 : compared[table].toWrite.size }));
  return { result: isSame ? 'unchanged' : isFirst ? 'published' : 'rebuilt', tables };
}

type ByTable<T> = Readonly<Record<TableName, T>>;

async function mapTables<T>(map: (table: TableName) => T | Promise<T>): Promise<ByTable<T>> {
  const names: readonly TableName[] = [...dataTableNames, 'sync_snapshots'];
  return Object.fromEntries(await Promise.all(names.map(async (table) => [table, await map(table)] as const))) as ByTable<T>;
}

async function readSealedSnapshot(output: Output, snapshot: Snapshot): Promise<SealedSnapshot> {
  const seal = await readSeal(output, snapshot);
  if (seal === undefined) throw new SyncError('output', `output ${output.uri}: ${sealObject(snapshot)} was there and is gone`);
  const plan = await fetchPlan(output, snapshot);
  if (plan === undefined) throw planIsGone(output, snapshot);
  return { output, snapshot, plan, seal };
}

async function compareSnapshot(
  sealed: SealedSnapshot,
  interrupt: AbortSignal,
): Promise<{ readonly commit: Row<'sync_snapshots'>; readonly compared: ByTable<TableComparison> }> {
  const { output, snapshot } = sealed;
  const comparers = await mapTables(async (table) =>
    createTableComparer({
      output,
      table,
      standing: await listTableObjects(output, table, snapshot),
      objectName: (index) => (table === 'sync_snapshots' ? commitObject(snapshot) : tableObject(table, snapshot, index)),
    }),
  );
  const commit = await makeTables(sealed, (table, lines) => {
    interrupt.throwIfAborted();
    return comparers[table].append(lines);
  });
  await comparers.sync_snapshots.append([createRowEncoder('sync_snapshots')(commit)]);
  return { commit, compared: await mapTables((table) => comparers[table].finish()) };
}

async function replaceWhatDiffers(
  sealed: SealedSnapshot,
  compared: ByTable<TableComparison>,
  commit: Row<'sync_snapshots'>,
  interrupt: AbortSignal,
): Promise<void> {
  const toWrite = new Set(dataTableNames.flatMap((table) => [...compared[table].toWrite]));
  const replaceDiffering: PutObject = async (output, object, content) => {
    interrupt.throwIfAborted();
    return toWrite.has(object) ? output.replace(object, content) : passOver(content);
  };
  if (toWrite.size > 0) await writeTables(sealed, replaceDiffering);
  for (const table of dataTableNames) await removeSurplus(sealed, table, compared[table].objects);
  if (compared.sync_snapshots.toWrite.size > 0) await writeCommit(sealed, commit, replace);
}

const replace: PutObject = (output, object, content) => output.replace(object, content);

/** Listed anew: a sync of an older version may have written more of its tables meanwhile. */
async function removeSurplus({ output, snapshot }: SealedSnapshot, table: DataTableName, belonging: readonly string[]): Promise<void> {
  const standing = await listTableObjects(output, table, snapshot);
  for (const object of standing) if (!belonging.includes(object)) await output.remove(object);
}

async function passOver(content: Content): Promise<void> {
  for await (const _chunk of content);
}
