import { isWindowOver, type Pace, windowMs } from './pace.ts';
import type { BudgetFamily, RateLimitReading } from './rate-limit-headers.ts';

const rateLimitedWait = { fallbackMs: 10_000, minMs: 1_000, maxMs: 60_000 };
const exploreEveryMs = 60_000;
/** The most that a window is taken to begin later at the server than its first request was sent. */
const longestTravelMs = 200;
/** Resets that differ by less name the same window. */
const sameResetMs = 1_000;

/** Counts a request that starts now. */
export function noteStart(pace: Pace, nowMs: number): Pace {
  const { learned } = pace;
  const isNewWindow = isWindowOver(learned, nowMs);
  const proved = learned.capacity !== undefined && learned.starts > learned.capacity ? learned.starts : learned.capacity;
  return {
    ...pace,
    inFlight: pace.inFlight + 1,
    lastStartMs: nowMs,
    nextStartMs: (nowMs - pace.nextStartMs <= pace.catchUpMs ? pace.nextStartMs : nowMs) + pace.spacingMs,
    budgets: mapValues(pace.budgets, (budget) => ({ ...budget, uncounted: budget.uncounted + 1 })),
    learned: isNewWindow
      ? { ...learned, capacity: proved, windowStartMs: nowMs, starts: 1, answered: 0, answeredBefore: learned.answered }
      : { ...learned, starts: learned.starts + 1 },
  };
}

/** Takes back a request that was counted and not sent. */
export function noteUnused(pace: Pace): Pace {
  return { ...pace, inFlight: pace.inFlight - 1, learned: { ...pace.learned, starts: pace.learned.starts - 1 } };
}

/** Forgets what is known of one route's budget: the requests from now on take another route. */
export function noteRoute(pace: Pace): Pace {
  const { route: _budget, ...budgets } = pace.budgets;
  const { route: _trust, ...trust } = pace.trust;
  return { ...pace, budgets, trust, probing: true, learned: { ...pace.learned, capacity: undefined, windowStartMs: undefined } };
}

/** What came back of a request: its HTTP status (undefined: none) and what it says about limits. */
export type PaceAnswer = {
  readonly startedAtMs: number;
  readonly epoch: number;
  readonly status: number | undefined;
  readonly reading: RateLimitReading;
};

/**
 * Learns from an answer.
 * @param marginMs Added to every instant that the server names: clocks differ by a little, and other clients wake at the same reset.
 */
export function noteAnswer(pace: Pace, answer: PaceAnswer, nowMs: number, marginMs: number): Pace {
  const inFlight = pace.inFlight - 1;
  const isLimited = answer.status === 429;
  const isRecent = answer.epoch === pace.epoch;
  const noted = noteReading({ ...pace, inFlight }, answer, nowMs, marginMs);
  if (isLimited && isRecent) return close(noted, answer.reading, nowMs, marginMs);
  if (isLimited) return keepReserve(noted, answer);
  const { learned } = noted;
  return {
    ...noted,
    probing: noted.probing && !isRecent,
    pastResets: isRecent ? 0 : noted.pastResets,
    learned: {
      ...learned,
      answered: learned.answered + 1,
      // The server's window began with the answer of our first request at the latest: a faster one must not come before it ends.
      windowStartMs:
        learned.windowStartMs === answer.startedAtMs ? Math.min(nowMs, answer.startedAtMs + longestTravelMs) : learned.windowStartMs,
      // Answers on their way when the 429 came belong to the window that it ended.
      capacity:
        !isRecent && learned.windowStartMs === undefined && learned.capacity !== undefined ? learned.capacity + 1 : learned.capacity,
    },
  };
}

/** After a second 429 of one window: more requests were under way than others left room for. */
function keepReserve(pace: Pace, { epoch, reading }: PaceAnswer): Pace {
  const isNamed = reading.budgets.some(({ remaining }) => remaining === 0);
  if (!isNamed || epoch === pace.surprisedInEpoch) return pace;
  return { ...pace, surprisedInEpoch: epoch, othersTake: Math.max(4, pace.othersTake * 2) };
}

/** Closes the gate after a 429 for 1 to 60 s. */
function close(pace: Pace, { budgets, retryInMs }: RateLimitReading, nowMs: number, marginMs: number): Pace {
  const { learned } = pace;
  // A reset that is past and still refused: our clock is ahead by less than is corrected, so each wait is twice the last.
  const pastResets = retryInMs !== undefined && retryInMs <= 0 ? pace.pastResets + 1 : 0;
  const namedMs = Math.max(retryInMs ?? rateLimitedWait.fallbackMs, rateLimitedWait.minMs * 2 ** Math.max(0, Math.min(pastResets - 1, 3)));
  const waitMs = Math.min(Math.max(namedMs, rateLimitedWait.minMs) + marginMs, rateLimitedWait.maxMs);
  const sharePassed = learned.windowStartMs === undefined ? 1 : Math.min(1, (nowMs - learned.windowStartMs) / windowMs);
  const inWindow =
    learned.capacity === undefined ? learned.answered + Math.ceil(learned.answeredBefore * (1 - sharePassed)) : learned.answered;
  return {
    ...pace,
    epoch: pace.epoch + 1,
    closedUntilMs: nowMs + waitMs,
    pastResets,
    probing: true,
    trust: mapValues(pace.trust, (trust) => (trust === 'refuted' ? 'proven' : trust)),
    learned: {
      ...learned,
      capacity: inWindow > 0 ? inWindow : learned.capacity,
      windowStartMs: undefined,
      starts: 0,
      exploreAtMs: nowMs + exploreEveryMs,
      isUnnamed: !budgets.some(({ remaining }) => remaining === 0),
    },
  };
}

/** Takes over the budgets that an answer names, and drops those of windows that are over and not named again. */
function noteReading(pace: Pace, answer: PaceAnswer, nowMs: number, marginMs: number): Pace {
  const budgets = { ...pace.budgets };
  const trust = { ...pace.trust };
  let { othersTake } = pace;
  for (const family of Object.keys(budgets) as BudgetFamily[]) {
    const budget = budgets[family];
    if (budget !== undefined && answer.status !== undefined && answer.startedAtMs >= budget.overAtMs) {
      if (!answer.reading.budgets.some((read) => read.family === family)) delete budgets[family];
    }
  }
  for (const { family, remaining, limit, resetInMs } of answer.reading.budgets) {
    const before = budgets[family];
    const isCurrent = before !== undefined && nowMs < before.overAtMs;
    const resetAtMs = resetInMs === undefined ? (isCurrent ? before.resetAtMs : nowMs + windowMs) : nowMs + Math.max(resetInMs, 0);
    // Windows of more than 10 s are believed once a 429 proved the family right.
    const believedMs = trust[family] === 'proven' ? rateLimitedWait.maxMs : windowMs + 1000;
    const overAtMs = Math.min(resetAtMs + marginMs, nowMs + believedMs);
    const uncounted = pace.inFlight;
    if (answer.status === 429 && remaining === 0) trust[family] = 'proven';
    else if (isCurrent && before.remaining <= 0 && answer.startedAtMs > before.readAtMs) trust[family] = 'refuted';
    if (before === undefined) {
      budgets[family] = { remaining, allowed: limit ?? remaining + 1, resetAtMs, overAtMs, readAtMs: nowMs, uncounted, emptyWindows: 0 };
    } else if (isCurrent && resetAtMs < before.resetAtMs + sameResetMs) {
      if (resetAtMs < before.resetAtMs - sameResetMs) continue;
      const taken = before.remaining - remaining - before.uncounted;
      // Where others used the budget up, they may have wanted more than they got.
      othersTake = Math.max(othersTake, taken > 0 && remaining === 0 ? before.remaining : taken);
      if (remaining < before.remaining) budgets[family] = { ...before, remaining, readAtMs: nowMs, uncounted };
    } else {
      const isEmptyAgain = before.remaining <= 0 && remaining <= 0 && answer.status !== 429;
      if (before.remaining <= 0 && remaining > 0 && trust[family] !== 'refuted') trust[family] = 'proven';
      if (isEmptyAgain && before.emptyWindows >= 2 && trust[family] !== 'proven') trust[family] = 'refuted';
      budgets[family] = {
        remaining,
        allowed: limit ?? Math.max(before.allowed, remaining + 1),
        resetAtMs,
        overAtMs,
        readAtMs: nowMs,
        uncounted,
        emptyWindows: isEmptyAgain ? before.emptyWindows + 1 : 0,
      };
    }
  }
  return { ...pace, budgets, trust, othersTake };
}

function mapValues<K extends string, V>(record: Readonly<Partial<Record<K, V>>>, map: (value: V) => V): Partial<Record<K, V>> {
  const mapped: Partial<Record<K, V>> = {};
  for (const key in record) {
    const value = record[key];
    if (value !== undefined) mapped[key] = map(value);
  }
  return mapped;
}
