/**
 * What pacing knows. When the next request may start is a pure decision over headers, clock and history (`decide-start.ts`, `note-answer.ts`);
 * the gate does what is decided.
 * All instants are milliseconds of a clock that only goes forward.
 */
import type { BudgetFamily } from './rate-limit-headers.ts';

/** Why a start has to wait. `allowed` requests per `windowMs` is what is known of the limit. */
export type WaitReason =
  | { readonly why: 'spacing' }
  | { readonly why: 'rate limited' }
  | { readonly why: 'budget'; readonly family: BudgetFamily | 'learned'; readonly allowed: number; readonly windowMs: number };

/** What is known of one budget in its present window. */
export type Budget = {
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
export type Trust = 'unproven' | 'proven' | 'refuted';

/** What was learned of a limit that headers do not tell. */
export type Learned = {
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
export const windowMs = 10_000;

/** A pace that knows the setting alone. */
export function createPace(maxRequestsPerSecond: number, nowMs: number): Pace {
  // Timers have whole milliseconds: above 100 a second, starts come in small groups.
  const catchUpMs = maxRequestsPerSecond > 100 ? 15 : 2;
  // Wide enough that a second never has more starts than the setting, what is caught up included.
  const spacingMs = (1000 + catchUpMs) / maxRequestsPerSecond;
  return {
    spacingMs,
    catchUpMs,
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

/** Whether the window that starts are counted in is over. */
export const isWindowOver = ({ windowStartMs }: Learned, nowMs: number): boolean =>
  windowStartMs === undefined || nowMs >= windowStartMs + windowMs;
