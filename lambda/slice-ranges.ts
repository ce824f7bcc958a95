import { maxSlices } from './contract/objects.ts';

/** Numbers of slices for people and for `--slice`: `3, 7-9`, at most ten ranges of them. */
export function describeSlices(slices: Iterable<number>): string {
  const ranges: { first: number; last: number }[] = [];
  for (const slice of [...slices].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && slice <= range.last + 1) range.last = slice;
    else ranges.push({ first: slice, last: slice });
  }
  const named = ranges.slice(0, rangesNamed).map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return ranges.length > rangesNamed ? `${named.join(', ')}, …` : named.join(', ');
}

const rangesNamed = 10;

/** Reads numbers of slices, such as `3` and `7-9`; undefined where a text is neither. */
export function parseSlices(texts: readonly string[]): ReadonlySet<number> | undefined {
  const slices = new Set<number>();
  for (const text of texts) {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === '' || from > to || to >= maxSlices) return undefined;
    for (let slice = from; slice <= to; slice++) slices.add(slice);
  }
  return slices;
}
