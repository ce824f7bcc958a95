/** What was seen, the most frequent first. */
export const describeSeen = (seen: ReadonlyMap<string, number>): string =>
  [...seen]
    .sort(([, a], [, b]) => b - a)
    .map(([what, times]) => `${what} (${times})`)
    .join(' · ');
