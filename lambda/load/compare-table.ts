import { rowsPerObject } from '../contract/objects.ts';
import type { TableName } from '../contract/tables.ts';
import type { JsonObject } from '../json/json-text.ts';
import type { Output } from '../output/output.ts';
import { compareRows, describeDifference, parseRow, type RowDifference } from './row-difference.ts';
import { readStoredRows, type StoredRow } from './stored-rows.ts';

/** How the rows that stand of a snapshot's table and those that belong there differ. */
export type TableComparison = {
  readonly objectsBefore: number;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
  /** Rows that are changed, added or removed; rows of one key count once. */
  readonly rowsChanged: number;
  /** One of them: a changed one, if there is any. */
  readonly example: RowDifference | undefined;
  /** The objects that belong to the table. */
  readonly objects: readonly string[];
  /** Those that are missing, or whose lines are not those that belong there. */
  readonly toWrite: ReadonlySet<string>;
  /** Objects that stand and do not belong to the table. */
  readonly toRemove: readonly string[];
};

/** Takes the rows that belong in a table, in its order, and compares them with what stands. */
export type TableComparer = {
  /** @throws SyncError of kind `output` */
  append(lines: readonly string[]): Promise<void>;
  /** @throws SyncError of kind `output` */
  finish(): Promise<TableComparison>;
};

/** Makes the comparer of a table; memory is bounded by one compressed object. */
export function createTableComparer(options: {
  readonly output: Output;
  readonly table: TableName;
  /** The objects that stand, in their order. */
  readonly standing: readonly string[];
  /** The name of the table's object of a number. */
  readonly objectName: (index: number) => string;
}): TableComparer {
  const { output, table, standing, objectName } = options;
  const different = new Set<string>();
  const stored = readStoredRows(output, standing, (object) => different.add(object));
  let ahead: StoredRow | undefined;
  let isAhead = false;
  let [rowsBefore, rowsAfter, rowsChanged] = [0, 0, 0];
  let example: RowDifference | undefined;

  const peek = async (): Promise<StoredRow | undefined> => {
    if (isAhead) return ahead;
    ahead = (await stored.next()).value ?? undefined;
    isAhead = true;
    if (ahead !== undefined) rowsBefore++;
    return ahead;
  };
  const take = (): void => {
    isAhead = false;
  };
  const note = (before: JsonObject | undefined, after: JsonObject | undefined): void => {
    rowsChanged++;
    const isChanged = before !== undefined && after !== undefined;
    if (example === undefined || (isChanged && example.kind !== 'changed')) example = describeDifference(table, before, after);
  };
  const noteRemoved = (old: StoredRow): void => {
    take();
    different.add(old.object);
    note(parseRow(old.line) ?? {}, undefined);
  };

  /** Finds the row that stands of a row's key. Both sides are sorted by it: what stands before belongs nowhere. */
  const findStored = async (line: string): Promise<StoredRow | undefined> => {
    let row: JsonObject | undefined;
    for (let old = await peek(); old !== undefined; old = await peek()) {
      if (old.line === line) return old;
      row ??= parseRow(line) ?? {};
      const oldRow = parseRow(old.line);
      const order = oldRow === undefined ? -1 : compareRows(table, oldRow, row);
      if (order >= 0) return order === 0 ? old : undefined;
      noteRemoved(old);
    }
    return undefined;
  };

  const place = async (line: string): Promise<void> => {
    const [object, placeInObject] = [objectName(Math.floor(rowsAfter / rowsPerObject)), rowsAfter % rowsPerObject];
    rowsAfter++;
    const old = await findStored(line);
    if (old !== undefined) take();
    if (old?.line !== line) note(old && parseRow(old.line), parseRow(line));
    else if (old.object === object && old.place === placeInObject) return;
    different.add(object);
    if (old !== undefined) different.add(old.object);
  };

  return {
    append: async (lines) => {
      for (const line of lines) await place(line);
    },
    finish: async () => {
      for (let old = await peek(); old !== undefined; old = await peek()) noteRemoved(old);
      const objects = Array.from({ length: Math.max(1, Math.ceil(rowsAfter / rowsPerObject)) }, (_, index) => objectName(index));
      const toWrite = new Set(objects.filter((object) => different.has(object) || !standing.includes(object)));
      const toRemove = standing.filter((object) => !objects.includes(object));
      return { objectsBefore: standing.length, objects, rowsBefore, rowsAfter, rowsChanged, example, toWrite, toRemove };
    },
  };
}
