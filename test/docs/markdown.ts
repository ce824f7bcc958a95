/** A Markdown table; a `|` inside a cell would end it and is escaped. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const renderRow = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [renderRow(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(renderRow)].join('\n');
}

/** A text as code; nothing at all becomes a dash. */
export const renderCode = (text: string | null): string => (text === null ? '–' : `\`${text}\``);

/** Targets of Markdown links that stay in this repository. */
export const linksOf = (markdown: string): string[] =>
  [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^[a-z]+:/i.test(link));

/** What headings can be linked as, in their order: lower case, spaces as dashes, no other punctuation. */
export const anchorsOf = (markdown: string): Set<string> =>
  new Set(
    [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

/** The texts of code blocks of a language. */
export const blocksOf = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(/^```(\w+)\n(.*?)^```/gms)].filter(([, name]) => name === language).map(([, , text = '']) => text);

/** What is given to a shell command as a here-document that ends with a word. */
export const hereDocumentsOf = (markdown: string, word: string): string[] =>
  blocksOf(markdown, 'sh').flatMap((block) =>
    [...block.matchAll(new RegExp(`<<'${word}'\\n(.*?)\\n${word}$`, 'gms'))].map(([, text = '']) => text),
  );

const withoutCode = (markdown: string): string => markdown.replaceAll(/^```.*?^```/gms, '');
