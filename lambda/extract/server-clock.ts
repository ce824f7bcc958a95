/** How far the server's clock is ahead of ours: somewhere between two bounds, in milliseconds. */
export type ServerClock = { readonly atLeastMs: number; readonly atMostMs: number };

/** Nothing known yet. */
export const unknownServerClock: ServerClock = { atLeastMs: Number.NEGATIVE_INFINITY, atMostMs: Number.POSITIVE_INFINITY };

/** What a server's cached `Date` may be behind; the contract asks for a correction from 5 s on, and a budget's reset for one from less. */
const toleratedMs = 1_000;

/**
 * Narrows the bounds by an answer's `Date`, which names a whole second that lay between sending and receiving.
 * Bounds that contradict each other (a clock jumped) start anew.
 */
export function observeDate(clock: ServerClock, date: string | undefined, sentAtMs: number, receivedAtMs: number): ServerClock {
  const second = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(second)) return clock;
  const seen = { atLeastMs: second - receivedAtMs, atMostMs: second + 1000 - sentAtMs };
  const narrowed = { atLeastMs: Math.max(clock.atLeastMs, seen.atLeastMs), atMostMs: Math.min(clock.atMostMs, seen.atMostMs) };
  return narrowed.atLeastMs <= narrowed.atMostMs ? narrowed : seen;
}

/** What to add to our clock for the server's time: nothing unless both bounds prove more than 1 s, then the lower one, so that no wait ends too early. */
export function correctionMs({ atLeastMs, atMostMs }: ServerClock): number {
  return atLeastMs > toleratedMs || atMostMs < -toleratedMs ? atLeastMs : 0;
}
