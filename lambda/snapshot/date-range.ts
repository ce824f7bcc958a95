/** Dates as Unix milliseconds of their midnights in UTC, both of them included. */
export type DateRange = { readonly fromMs: number; readonly toMs: number };

/**
 * What the dates of a range begin with, in their order, and no other date does: `2026-11-` for a whole month, else `2026-11-23/`.
 * So a day is found in one listing, and many years in not too many.
 */
export function* datePrefixes({ fromMs, toMs }: DateRange): Generator<string> {
  for (let ms = fromMs; ms <= toMs; ) {
    const date = new Date(ms).toISOString().slice(0, 10);
    const nextMonth = new Date(ms);
    nextMonth.setUTCMonth(nextMonth.getUTCMonth() + 1, 1);
    const isWholeMonth = date.endsWith('-01') && nextMonth.getTime() - dayMs <= toMs;
    yield isWholeMonth ? date.slice(0, 8) : `${date}/`;
    ms = isWholeMonth ? nextMonth.getTime() : ms + dayMs;
  }
}

const dayMs = 24 * 3_600_000;
