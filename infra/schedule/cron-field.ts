/** The numbers a field of a cron expression can hold, and the names they go by. */
export type CronRange = { readonly min: number; readonly max: number; readonly names?: readonly string[] };

/**
 * The numbers that a field stands for: `*`, `5`, `MON`, `1-5`, `0/15`, and lists of those.
 * @returns undefined where the text is no such field
 */
export function readCronField(text: string, range: CronRange): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const entry of text.split(',')) {
    const found = readEntry(entry, range);
    if (found === undefined) return undefined;
    for (const number of found) numbers.add(number);
  }
  return numbers;
}

/** The number that a digit string or a name stands for; undefined where it is out of range. */
export function readCronNumber(text: string, { min, max, names = [] }: CronRange): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  const number = named >= 0 ? named + min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}

function readEntry(entry: string, range: CronRange): number[] | undefined {
  const [, from = '', to, step] = /^(\*|[^-/]+)(?:-([^-/]+))?(?:\/(\d+))?$/.exec(entry) ?? [];
  if (from === '' || (from === '*' && to !== undefined)) return undefined;
  const first = from === '*' ? range.min : readCronNumber(from, range);
  // `5/15` runs on to the end of the range, `5` alone does not.
  const open = from === '*' || (to === undefined && step !== undefined);
  const last = open ? range.max : readCronNumber(to ?? from, range);
  const width = step === undefined ? 1 : Number(step);
  if (first === undefined || last === undefined || first > last || width < 1) return undefined;
  return Array.from({ length: Math.floor((last - first) / width) + 1 }, (_none, index) => first + index * width);
}
