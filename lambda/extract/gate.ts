import type { Clock } from '../clock.ts';
import { type Decision, decideStart } from './decide-start.ts';
import { noteAnswer, noteRoute, noteStart, noteUnused, type PaceAnswer } from './note-answer.ts';
import { createPace, type WaitReason } from './pace.ts';
import type { RateLimitReading } from './rate-limit-headers.ts';

/** The right to send one request now. */
export type Permit = {
  /** Tells what came back; `status` is undefined where nothing whole did. */
  settle(status: number | undefined, reading: RateLimitReading): void;
  /** Gives the permit back unused. */
  discard(): void;
};

/** The gate that every request passes: it does what the pace decides. */
export type Gate = {
  enter(): Promise<Permit>;
  /** The requests from now on take another route, which has a budget of its own. */
  changeRoute(): void;
  /** Milliseconds during which requests waited for LaunchDarkly's limits. */
  waitedMs(): number;
  /** Rejects all that wait, now and later; no timer remains. */
  close(reason: unknown): void;
};

/** A wait that has begun, told to whoever shows progress. */
export type Wait = { readonly forMs: number; readonly reason: WaitReason };

/**
 * The turn of one of several runs that share a pace, one after the other or side by side at a part of it each. Its first request keeps the
 * spacing to whatever was sent before it, so that all together never exceed the pace.
 */
export type Turn = {
  /** The last instant at which a request may start, in milliseconds of the clock that only goes forward. */
  readonly lastStartMs: number;
  /** Called once where the next request could start only later, as soon as none is under way: LaunchDarkly's limits are waited for `forMs`. */
  readonly onTooLate: (forMs: number) => void;
};

const noReading: RateLimitReading = { budgets: [], retryInMs: undefined };
/** What a timer can hold; it then looks again. */
const longestTimerMs = 2 ** 31 - 1;
const marginMs = { least: 5, spread: 25 };

/** Opens a gate for one run. */
export function createGate(options: {
  readonly maxRequestsPerSecond: number;
  readonly clock: Clock;
  /** A number from 0 to 1: spreads the clients that wait for the same reset. */
  readonly random: () => number;
  readonly onWait: (wait: Wait) => void;
  /** Given where several runs share the pace. */
  readonly turn?: Turn | undefined;
}): Gate {
  const { clock, random, onWait, turn } = options;
  let pace = createPace(options.maxRequestsPerSecond, clock.elapsed());
  if (turn !== undefined) pace = { ...pace, nextStartMs: clock.elapsed() + pace.spacingMs };
  let closed: { reason: unknown } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let toldUntilMs = Number.NEGATIVE_INFINITY;
  let waitingSinceMs: number | undefined;
  let waitedMs = 0;
  let isTurnOver = false;
  let endTimer: NodeJS.Timeout | undefined;
  const waiting: { resolve: (permit: Permit) => void; reject: (reason: unknown) => void }[] = [];

  const admit = (): Permit => {
    const startedAtMs = clock.elapsed();
    pace = noteStart(pace, startedAtMs);
    const { epoch } = pace;
    let isOpen = true;
    const end = (update: () => void): void => {
      if (!isOpen) return;
      isOpen = false;
      update();
      pump();
    };
    return {
      settle: (status, reading) =>
        end(() => {
          const answer: PaceAnswer = { startedAtMs, epoch, status, reading: status === undefined ? noReading : reading };
          pace = noteAnswer(pace, answer, clock.elapsed(), marginMs.least + random() * marginMs.spread);
        }),
      discard: () =>
        end(() => {
          pace = noteUnused(pace);
        }),
    };
  };

  const countWaiting = (isWaiting: boolean): void => {
    const nowMs = clock.elapsed();
    if (waitingSinceMs !== undefined) waitedMs += nowMs - waitingSinceMs;
    waitingSinceMs = isWaiting ? nowMs : undefined;
  };

  const pump = (): void => {
    clearTimeout(timer);
    while (waiting.length > 0) {
      const nowMs = clock.elapsed();
      const decision = decideStart(pace, nowMs);
      countWaiting(decision.kind === 'wait' && decision.reason.why !== 'spacing');
      if (turn !== undefined && isTooLate(decision, nowMs, turn)) {
        // What is under way is still answered, and the next answer comes by here.
        if (pace.inFlight > 0 || isTurnOver) return;
        isTurnOver = true;
        // Not at once: the answer that was just settled is still on its way to whoever asked.
        // The spacing is no wait: the next turn keeps it by itself, and where no turn has room for it, none must be told to wait for ever.
        const isLimited = decision.kind === 'wait' && decision.reason.why !== 'spacing';
        endTimer = setTimeout(turn.onTooLate, 0, isLimited ? decision.untilMs - nowMs : 0);
        return;
      }
      if (decision.kind === 'start') {
        waiting.shift()?.resolve(admit());
        continue;
      }
      if (decision.kind === 'wait' && decision.reason.why !== 'spacing' && decision.untilMs > toldUntilMs) {
        toldUntilMs = decision.untilMs;
        onWait({ forMs: decision.untilMs - nowMs, reason: decision.reason });
      }
      // Timers count whole milliseconds and may fire a fraction early. Starts that are late within what is caught up cost no pace: above 100 a
      // second several share a timer, which may still be late itself by twice as much.
      const sharedMs = decision.kind === 'wait' && decision.reason.why === 'spacing' ? pace.catchUpMs / 3 : 0;
      if (decision.untilMs !== undefined)
        timer = setTimeout(pump, Math.min(Math.max(1, sharedMs, Math.ceil(decision.untilMs - nowMs)), longestTimerMs));
      return;
    }
    countWaiting(false);
  };

  return {
    enter: () =>
      new Promise((resolve, reject) => {
        if (closed !== undefined) return reject(closed.reason);
        waiting.push({ resolve, reject });
        if (waiting.length === 1) pump();
      }),
    changeRoute: () => {
      pace = noteRoute(pace);
    },
    waitedMs: () => waitedMs + (waitingSinceMs === undefined ? 0 : clock.elapsed() - waitingSinceMs),
    close: (reason) => {
      if (closed !== undefined) return;
      closed = { reason };
      clearTimeout(timer);
      clearTimeout(endTimer);
      countWaiting(false);
      for (const { reject } of waiting.splice(0)) reject(reason);
    },
  };
}

const isTooLate = (decision: Decision, nowMs: number, { lastStartMs }: Turn): boolean =>
  nowMs > lastStartMs || (decision.kind === 'wait' && decision.untilMs > lastStartMs);
