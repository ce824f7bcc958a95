/**
 * Puts a text between two markers of a document.
 * @throws Error where the markers are not there
 */
export function replaceBetween(document: string, [begin, end]: readonly [string, string], text: string): string {
  const [before, rest] = splitAt(document, begin);
  const [, after] = splitAt(rest, end);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

function splitAt(text: string, marker: string): [string, string] {
  const index = text.indexOf(marker);
  if (index < 0) throw new Error(`the document has no line ${marker}`);
  return [text.slice(0, index), text.slice(index + marker.length)];
}
