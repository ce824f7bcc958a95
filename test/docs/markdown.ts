/** A Markdown table; a `|` inside a cell would end it and is escaped. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const renderRow = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [renderRow(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(renderRow)].join('\n');
}

/** A text as code; nothing at all becomes a dash. */
export const renderCode = (text: string | null): string => (text === null ? '–' : `\`${text}\``);
