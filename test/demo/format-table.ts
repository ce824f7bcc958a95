import type { Json } from '@duckdb/node-api';

/** Rows as aligned lines of text under their columns' names: numbers to the right, `-` where there is no value. */
export function formatTable(rows: readonly Readonly<Record<string, Json>>[]): string {
  const [first] = rows;
  if (first === undefined) return '   (no rows)\n';
  const columns = Object.keys(first).map((name) => {
    const cells = rows.map((row) => formatCell(row[name] ?? null));
    const width = Math.max(name.length, ...cells.map(({ length }) => length));
    const isNumeric = cells.every((cell) => /^(\d+|-)$/.test(cell));
    return [name, '-'.repeat(width), ...cells].map((cell) => (isNumeric ? cell.padStart(width) : cell.padEnd(width)));
  });
  return ['', '', ...rows]
    .map((_row, line) => `   ${columns.map((cells) => cells[line]).join('  ')}`.trimEnd())
    .join('\n')
    .concat('\n');
}

function formatCell(value: Json): string {
  if (value === null) return '-';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
