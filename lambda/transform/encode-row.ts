import { hash } from 'node:crypto';
import type { Snapshot } from '../contract/objects.ts';
import { type Column, type GroupTableName, type OwnRow, type Row, type TableName, tables } from '../contract/tables.ts';

type Values = { readonly [column: string]: unknown };

const prefixesOf = (columns: readonly Column[]): { name: string; prefix: string }[] =>
  columns.map(({ name }) => ({ name, prefix: `${JSON.stringify(name)}:` }));

/**
 * Makes the function that writes a row of a `metric_group…` table as one JSON line, every column in the table's order,
 * with the `row_hash` of its own columns.
 */
export function createGroupRowEncoder<T extends GroupTableName>(
  table: T,
  snapshot: Snapshot,
): (row: OwnRow<T>, extractedAt: string) => string {
  const own = prefixesOf(tables[table].ownColumns);
  const lineage = `"snapshot_id":"${snapshot.id}","snapshot_at":"${snapshot.at}"}\n`;
  return (row, extractedAt) => {
    let line = '{';
    let hashed = '{';
    for (const { name, prefix } of own) {
      const value = (row as Values)[name];
      if (value === null) line += `${prefix}null,`;
      else {
        const member = prefix + JSON.stringify(value);
        line += `${member},`;
        hashed += hashed.length === 1 ? member : `,${member}`;
      }
    }
    const rowHash = hash('sha256', `${hashed}}`, 'hex').slice(0, 16);
    return `${line}"extracted_at":"${extractedAt}","row_hash":"${rowHash}",${lineage}`;
  };
}

/** Makes the function that writes a row of any table as one JSON line, every column in the table's order. */
export function createRowEncoder<T extends TableName>(table: T): (row: Row<T>) => string {
  const columns = prefixesOf(tables[table].columns);
  return (row) => {
    const members = columns.map(({ name, prefix }) => prefix + JSON.stringify((row as Values)[name]));
    return `{${members.join(',')}}\n`;
  };
}
