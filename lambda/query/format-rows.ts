import { type Cell, collectRows, type RowBatches, type Rows } from './ask-warehouse.ts';

/** How the rows of a query are written. */
export type RowFormat = 'table' | 'csv' | 'json';

/**
 * Writes rows as text that ends in a newline: aligned under their columns' names, as CSV (RFC 4180), or as a JSON array of objects.
 * It comes in pieces, since all of it may be longer than a string can be.
 */
export async function* formatRows({ columns, batches }: RowBatches, format: RowFormat): AsyncGenerator<string> {
  if (format === 'csv') yield* formatCsv({ columns, batches });
  else if (format === 'json') yield* formatJson({ columns, batches });
  else yield* tableLines(await collectRows({ columns, batches }));
}

/** Rows as aligned lines: numbers to the right, `-` where there is no value, control characters escaped. */
export const formatTable = (rows: Rows): string => [...tableLines(rows)].join('');

function* tableLines({ columns, rows }: Rows): Generator<string> {
  if (rows.length === 0) return yield '(no rows)\n';
  const names = columns.map(showCell);
  const layout = names.map((name, index) => ({
    width: rows.reduce((width, row) => Math.max(width, showCell(row[index] ?? null).length), name.length),
    isNumeric: rows.every((row) => typeof (row[index] ?? 0) === 'number'),
  }));
  const line = (texts: readonly string[]): string => {
    const aligned = layout.map(({ width, isNumeric }, index) => texts[index]?.[isNumeric ? 'padStart' : 'padEnd'](width));
    return `${aligned.join('  ').trimEnd()}\n`;
  };
  yield line(names);
  yield line(layout.map(({ width }) => '-'.repeat(width)));
  for (const row of rows) yield line(row.map(showCell));
}

function showCell(cell: Cell): string {
  if (cell === null) return '-';
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  // A name may hold a newline, or a sequence that a terminal obeys, or turns a line around with.
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const escaped = JSON.stringify(character).slice(1, -1);
  return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
}

async function* formatCsv({ columns, batches }: RowBatches): AsyncGenerator<string> {
  const line = (row: readonly Cell[]): string => `${row.map(quoteCsv).join(',')}\r\n`;
  yield line(columns);
  for await (const rows of batches) yield rows.map(line).join('');
}

function quoteCsv(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  // An empty text is quoted, so that it is told from no value.
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function* formatJson({ columns, batches }: RowBatches): AsyncGenerator<string> {
  const write = (row: readonly Cell[]): string =>
    JSON.stringify(Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])));
  let before = '[\n  ';
  for await (const rows of batches) {
    if (rows.length === 0) continue;
    yield before + rows.map(write).join(',\n  ');
    before = ',\n  ';
  }
  yield before.startsWith('[') ? '[]\n' : '\n]\n';
}
