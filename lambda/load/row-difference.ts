import { rowKeys } from '../contract/row-keys.ts';
import { type TableName, tables } from '../contract/tables.ts';
import { isJsonObject, type JsonObject } from '../json/json-text.ts';
import { compareUtf8 } from '../json/utf8-order.ts';

/** A column whose value differs; `undefined` where the row has no such column. */
export type ColumnDifference = { readonly name: string; readonly before: unknown; readonly after: unknown };

/** How a row that stands and the row of the same key that belongs there differ. */
export type RowDifference =
  | { readonly kind: 'changed'; readonly key: string; readonly columns: readonly ColumnDifference[] }
  | { readonly kind: 'added' | 'removed'; readonly key: string };

/** Parses the line of a row; undefined where it is none. */
export function parseRow(line: string): JsonObject | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return isJsonObject(row) ? row : undefined;
  } catch {
    return undefined;
  }
}

/** Compares two rows of a table by its key: negative where `a` comes first. */
export function compareRows(table: TableName, a: JsonObject, b: JsonObject): number {
  for (const column of rowKeys[table]) {
    const order = compareValues(a[column], b[column]);
    if (order !== 0) return order;
  }
  return 0;
}

/** Tells how two rows differ of which at least one is there. */
export function describeDifference(table: TableName, before: JsonObject | undefined, after: JsonObject | undefined): RowDifference {
  const key = rowKeys[table].map((column) => String((after ?? before)?.[column] ?? '?')).join('/');
  if (before === undefined || after === undefined) return { kind: before === undefined ? 'added' : 'removed', key };
  const names = new Set([...tables[table].columns.map(({ name }) => name as string), ...Object.keys(before), ...Object.keys(after)]);
  const columns = [...names].map((name) => ({ name, before: before[name], after: after[name] }));
  return { kind: 'changed', key, columns: columns.filter((column) => JSON.stringify(column.before) !== JSON.stringify(column.after)) };
}

/** A row of another version may have another type in a column of the key, or lack it: the others tell its place then. */
function compareValues(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return 0;
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareUtf8(String(a ?? ''), String(b ?? ''));
}
