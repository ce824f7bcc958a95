import type { Cell, Rows } from './ask-warehouse.ts';

/** How the rows of a query are written. */
export type RowFormat = 'table' | 'csv' | 'json';

/** Writes rows as text that ends in a newline: aligned under their columns' names, as CSV (RFC 4180), or as a JSON array of objects. */
export function formatRows(rows: Rows, format: RowFormat): string {
  if (format === 'csv') return formatCsv(rows);
  return format === 'json' ? formatJson(rows) : formatTable(rows);
}

/** Rows as aligned lines: numbers to the right, `-` where there is no value, control characters escaped. */
export function formatTable({ columns, rows }: Rows): string {
  if (rows.length === 0) return '(no rows)\n';
  const aligned = columns.map((name, index) => {
    const cells = rows.map((row) => showCell(row[index] ?? null));
    const width = Math.max(...[name, ...cells].map((text) => text.length));
    const isNumeric = rows.every((row) => typeof (row[index] ?? 0) === 'number');
    return [name, '-'.repeat(width), ...cells].map((text) => (isNumeric ? text.padStart(width) : text.padEnd(width)));
  });
  return ['', '', ...rows].map((_row, line) => `${aligned.map((cells) => cells[line]).join('  ')}`.trimEnd().concat('\n')).join('');
}

function showCell(cell: Cell): string {
  if (cell === null) return '-';
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  // A name may hold a newline, or a sequence that a terminal obeys.
  return text.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1).replace('\u007f', '\\u007f'));
}

function formatCsv({ columns, rows }: Rows): string {
  return [columns, ...rows].map((row) => `${row.map(quoteCsv).join(',')}\r\n`).join('');
}

function quoteCsv(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  // An empty text is quoted, so that it is told from no value.
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function formatJson({ columns, rows }: Rows): string {
  const objects = rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null]))));
  return objects.length === 0 ? '[]\n' : `[\n  ${objects.join(',\n  ')}\n]\n`;
}
