import type { TableName } from '../contract/tables.ts';
import type { ColumnDifference, RowDifference } from '../load/row-difference.ts';
import type { RebuiltTable } from '../rebuild.ts';
import type { SnapshotRebuild } from '../rebuild-snapshots.ts';
import { safeText } from '../safe-text.ts';
import { formatCount } from './describe.ts';

const words: Readonly<Record<SnapshotRebuild['result'], string>> = {
  unchanged: 'unchanged',
  rebuilt: 'rebuilt',
  published: 'published for the first time',
  unsealed: 'skipped: it is not sealed, so there is no decision to publish it',
  left_as_it_is: 'left as it is: published, and what it was made of is no longer there',
  failed: 'failed',
};
const dryWords: Partial<typeof words> = { rebuilt: 'would be rebuilt', published: 'would be published for the first time' };
const wordsOf = (result: SnapshotRebuild['result'], isDryRun: boolean): string =>
  (isDryRun ? dryWords[result] : undefined) ?? words[result];

const valueShown = 60;
const columnsShown = 8;

/** What became of a snapshot: a line, and in a dry run an example for each table whose rows differ. */
export function describeRebuild(rebuild: SnapshotRebuild, isDryRun: boolean): string {
  const head = `${rebuild.snapshot.id} ${wordsOf(rebuild.result, isDryRun)}`;
  if (!('tables' in rebuild)) return head;
  const tables = Object.entries(rebuild.tables) as [TableName, RebuiltTable][];
  const examples = tables.flatMap(([table, { example, rowsBefore }]) =>
    isDryRun && example !== undefined && rowsBefore > 0 ? [`  ${table}, such as ${describeExample(example)}`] : [],
  );
  return [`${head}: ${tables.map(([table, rebuilt]) => `${table} ${describeTable(rebuilt)}`).join(', ')}`, ...examples].join('\n');
}

function describeTable({ rowsBefore, rowsAfter, rowsChanged, toWrite, toRemove }: RebuiltTable): string {
  const rows = `${formatCount(rowsBefore)} -> ${formatCount(rowsAfter)}`;
  if (rowsChanged > 0) return `${rows} (${formatCount(rowsChanged)} ${rowsChanged === 1 ? 'differs' : 'differ'})`;
  return toWrite.size + toRemove.length > 0 ? `${rows} (the same rows in other objects)` : rows;
}

function describeExample(difference: RowDifference): string {
  const key = safeText(difference.key, 120);
  if (difference.kind !== 'changed') return `${key}: ${difference.kind}`;
  const { columns } = difference;
  if (columns.length === 0) return `${key}: the same values, written otherwise`;
  const more = columns.length - columnsShown;
  return `${key}: ${columns.slice(0, columnsShown).map(describeColumn).join(', ')}${more > 0 ? `, and ${more} more columns` : ''}`;
}

/** Who maintains a group is personal: that it differs is told, and not what it is. */
function describeColumn({ name, before, after }: ColumnDifference): string {
  const shown = safeText(name, valueShown);
  return name.startsWith('maintainer_') ? `${shown} (not shown)` : `${shown} ${describeValue(before)} -> ${describeValue(after)}`;
}

const describeValue = (value: unknown): string => (value === undefined ? '(no such column)' : safeText(JSON.stringify(value), valueShown));

/** How many snapshots ended how. */
export function describeRebuilds(done: readonly SnapshotRebuild[], isDryRun: boolean): string {
  const counts = Map.groupBy(done, ({ result }) => wordsOf(result, isDryRun).split(':')[0]);
  const each = [...counts].map(([word, rebuilds]) => `${formatCount(rebuilds.length)} ${word}`);
  return `${formatCount(done.length)} snapshot${done.length === 1 ? '' : 's'}${each.length > 0 ? `: ${each.join(', ')}` : ''}`;
}

/** What became of a snapshot, for scripts. */
export function toRebuildJson(rebuild: SnapshotRebuild, isDryRun: boolean): object {
  const { snapshot, result } = rebuild;
  const tables = 'tables' in rebuild ? (Object.entries(rebuild.tables) as [TableName, RebuiltTable][]) : [];
  return {
    snapshot_id: snapshot.id,
    result: isDryRun && (result === 'rebuilt' || result === 'published') ? `would_be_${result}` : result,
    tables: Object.fromEntries(
      tables.map(([table, { rowsBefore, rowsAfter, rowsChanged, objectsWritten }]) => [
        table,
        { rows_before: rowsBefore, rows_after: rowsAfter, rows_changed: rowsChanged, objects_written: objectsWritten },
      ]),
    ),
    ...(rebuild.result === 'failed' ? { message: rebuild.message } : {}),
  };
}
