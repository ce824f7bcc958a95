/**
 * When the next request may start: pure decisions over headers, clock and history. The gate does what is decided here.
 * All instants are milliseconds of a clock that only goes forward.
 */
import type { BudgetFamily, RateLimitReading } from './rate-limit-headers.ts';

/** Why a start has to wait. `allowed` requests per `windowMs` is what is known of the limit. */
export type WaitReason =
  | { readonly why: 'spacing' }
  | { readonly why: 'rate limited' }
  | { readonly why: 'budget'; readonly family: BudgetFamily | 'learned'; readonly allowed: number; readonly windowMs: number };

/** Whether a request may start now, at an instant, or once an answer came (`untilMs` at the latest). */
export type Decision =
  | { readonly kind: 'start' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly reason: WaitReason }
  | { readonly kind: 'answer first'; readonly untilMs: number | undefined };

type Budget = {
  readonly remaining: number;
  /** The most that was seen to remain, or the limit that the server names. */
  readonly allowed: number;
  /** The reset as the server names it, and that with a margin: when it is over for us. */
  readonly resetAtMs: number;
  readonly overAtMs: number;
  readonly readAtMs: number;
  /** Own requests that the server may have counted since the last reading. */
  readonly uncounted: number;
  /** Windows that were empty from the first answer on: the budget of others, or a server that always says 0. */
  readonly emptyWindows: number;
};

/** A server that says 0 and answers all the same is not believed again until it sends a 429. */
type Trust = 'unproven' | 'proven' | 'refuted';

type Learned = {
  /** Requests per window up to which no 429 came; undefined before the first. */
  readonly capacity: number | undefined;
  readonly windowStartMs: number | undefined;
  readonly starts: number;
  readonly answered: number;
  readonly answeredBefore: number;
  /** When to try more than the capacity again. */
  readonly exploreAtMs: number;
  /** Whether the last 429 came without a budget that was named as used up: a limit that headers do not show. */
  readonly isUnnamed: boolean;
};

/** All that pacing knows. */
export type Pace = {
  readonly spacingMs: number;
  /** Up to this lateness of a timer, the next start keeps to the even spacing; a longer pause is not caught up. */
  readonly catchUpMs: number;
  readonly nextStartMs: number;
  readonly lastStartMs: number;
  readonly inFlight: number;
  /** Raised by each 429 that closes the gate: an answer to an older request says nothing about the time after. */
  readonly epoch: number;
  readonly closedUntilMs: number;
  readonly pastResets: number;
  /** One request alone tests what is allowed: at the start and after a 429. */
  readonly probing: boolean;
  readonly budgets: Readonly<Partial<Record<BudgetFamily, Budget>>>;
  readonly trust: Readonly<Partial<Record<BudgetFamily, Trust>>>;
  /** The most that other clients were seen to take between two answers. */
  readonly othersTake: number;
  /** The epoch whose second 429 raised `othersTake`: once a window is enough. */
  readonly surprisedInEpoch: number;
  readonly learned: Learned;
};

/** LaunchDarkly's windows. */
const windowMs = 10_000;
const rateLimitedWait = { fallbackMs: 10_000, minMs: 1_000, maxMs: 60_000 };
/** How long a lone request is waited for before another may test instead of it. */
const probePatienceMs = 1_000;
const exploreEveryMs = 60_000;

/** A pace that knows the setting alone. */
export function createPace(maxRequestsPerSecond: number, nowMs: number): Pace {
  const spacingMs = 1000 / maxRequestsPerSecond;
  return {
    spacingMs,
    // Timers have whole milliseconds: above 100 a second, starts come in small groups.
    catchUpMs: spacingMs < 10 ? 10 : 2,
    nextStartMs: Number.NEGATIVE_INFINITY,
    lastStartMs: nowMs,
    inFlight: 0,
    epoch: 0,
    closedUntilMs: nowMs,
    pastResets: 0,
    probing: true,
    budgets: {},
    trust: {},
    othersTake: 0,
    surprisedInEpoch: -1,
    learned: {
      capacity: undefined,
      windowStartMs: undefined,
      starts: 0,
      answered: 0,
      answeredBefore: 0,
      exploreAtMs: nowMs,
      isUnnamed: false,
    },
  };
}

/** Decides whether the next request may start. */
export function decideStart(pace: Pace, nowMs: number): Decision {
  if (nowMs < pace.closedUntilMs) return { kind: 'wait', untilMs: pace.closedUntilMs, reason: { why: 'rate limited' } };
  const byBudget = decideByBudgets(pace, nowMs) ?? decideByLearning(pace, nowMs);
  if (byBudget !== undefined) return byBudget;
  const probe = pace.probing && pace.inFlight > 0 ? answerFirst(pace, nowMs) : undefined;
  if (probe !== undefined) return probe;
  if (nowMs < pace.nextStartMs) return { kind: 'wait', untilMs: pace.nextStartMs, reason: { why: 'spacing' } };
  return { kind: 'start' };
}

/** Waits for the answers under way, but not for one that does not come. */
function answerFirst(pace: Pace, nowMs: number): Decision | undefined {
  const untilMs = pace.lastStartMs + probePatienceMs;
  return nowMs < untilMs ? { kind: 'answer first', untilMs } : undefined;
}

function decideByBudgets(pace: Pace, nowMs: number): Decision | undefined {
  let decision: Decision | undefined;
  for (const family of Object.keys(pace.budgets) as BudgetFamily[]) {
    const budget = pace.budgets[family];
    if (budget === undefined || pace.trust[family] === 'refuted') continue;
    const alone = pace.inFlight === 0;
    if (nowMs >= budget.overAtMs) {
      // What the new window allows is unknown until an answer names it; where the last one was used up, one request asks alone.
      if (!alone && budget.remaining < budget.allowed / 2) decision ??= answerFirst(pace, nowMs);
    } else if (budget.remaining <= 0) {
      if (budget.emptyWindows > 0 && pace.trust[family] !== 'proven') {
        if (!alone) decision ??= { kind: 'answer first', untilMs: undefined };
        continue;
      }
      // The longest wait over all families counts.
      const reason: WaitReason = { why: 'budget', family, allowed: budget.allowed, windowMs };
      if (decision?.kind !== 'wait' || decision.untilMs < budget.overAtMs) decision = { kind: 'wait', untilMs: budget.overAtMs, reason };
    } else if (!alone && budget.remaining - pace.inFlight - pace.othersTake < 1) {
      decision ??= { kind: 'answer first', untilMs: budget.overAtMs };
    }
  }
  return decision;
}

function decideByLearning(pace: Pace, nowMs: number): Decision | undefined {
  const { capacity, windowStartMs, starts, answered, answeredBefore, exploreAtMs, isUnnamed } = pace.learned;
  if (!isUnnamed && Object.keys(pace.budgets).length > 0) return undefined;
  const alone = pace.inFlight === 0;
  if (capacity === undefined) {
    // As many under way as were answered: a small limit is met by few requests and not by all at once.
    return pace.inFlight > answered + answeredBefore ? answerFirst(pace, nowMs) : undefined;
  }
  if (isWindowOver(pace.learned, nowMs)) return alone ? undefined : answerFirst(pace, nowMs);
  if (starts < capacity || windowStartMs === undefined) return undefined;
  if (nowMs >= exploreAtMs) return alone ? undefined : { kind: 'answer first', untilMs: undefined };
  return { kind: 'wait', untilMs: windowStartMs + windowMs, reason: { why: 'budget', family: 'learned', allowed: capacity, windowMs } };
}

const isWindowOver = ({ windowStartMs }: Learned, nowMs: number): boolean =>
  windowStartMs === undefined || nowMs >= windowStartMs + windowMs;

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

/** Resets that differ by less name the same window. */
const sameResetMs = 1_000;

function mapValues<K extends string, V>(record: Readonly<Partial<Record<K, V>>>, map: (value: V) => V): Partial<Record<K, V>> {
  const mapped: Partial<Record<K, V>> = {};
  for (const key in record) {
    const value = record[key];
    if (value !== undefined) mapped[key] = map(value);
  }
  return mapped;
}
