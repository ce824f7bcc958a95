import type { Clock } from './clock.ts';
import { SyncError } from './errors.ts';

/** What ends a run before its work is done. */
export type RunLimits = {
  /** Aborted with the reason, a `SyncError`, when the run must end. */
  readonly signal: AbortSignal;
  /** When time runs out, in milliseconds of the clock that only goes forward; `Infinity`: never. */
  readonly endsAtMs: number;
  /** Ends the run; the first reason counts. */
  stop(reason: unknown): void;
  /** Notes an answer other than a 429. */
  noteAnswer(): void;
  /** Ends its timers. */
  close(): void;
};

/** LaunchDarkly is given up after this long without an answer other than 429. */
const maxSilenceMs = 10 * 60_000;
/** Timers hold at most 24.8 days. */
const longestTimerMs = 24 * 3_600_000;

/**
 * Watches time and silence for one run.
 * @param maxRunMs How long LaunchDarkly may be asked; undefined: as long as it takes.
 * @param interrupt Aborted by whoever runs it, with a `SyncError` as its reason.
 */
export function createRunLimits(clock: Clock, maxRunMs: number | undefined, interrupt: AbortSignal): RunLimits {
  const controller = new AbortController();
  const startedAtMs = clock.elapsed();
  const endsAtMs = startedAtMs + (maxRunMs ?? Number.POSITIVE_INFINITY);
  let answeredAtMs = startedAtMs;
  let timer: NodeJS.Timeout | undefined;

  const stop = (reason: unknown): void => {
    if (!controller.signal.aborted) controller.abort(reason);
  };
  const onInterrupt = (): void => stop(interrupt.reason);
  const watch = (): void => {
    const nowMs = clock.elapsed();
    if (nowMs >= endsAtMs) {
      stop(new SyncError('out_of_time', 'time ran out'));
      return;
    }
    if (nowMs >= answeredAtMs + maxSilenceMs) {
      const message =
        'LaunchDarkly gave no answer other than 429 for 10 minutes: check its status page, the network, and who else uses the rate limit';
      stop(new SyncError('launchdarkly', message));
      return;
    }
    const nextMs = Math.min(endsAtMs - nowMs, answeredAtMs + maxSilenceMs - nowMs, longestTimerMs);
    timer = setTimeout(watch, Math.max(1, Math.ceil(nextMs)));
  };

  if (interrupt.aborted) onInterrupt();
  else interrupt.addEventListener('abort', onInterrupt, { once: true });
  watch();
  return {
    signal: controller.signal,
    endsAtMs,
    stop,
    noteAnswer: () => {
      answeredAtMs = clock.elapsed();
    },
    close: () => {
      clearTimeout(timer);
      interrupt.removeEventListener('abort', onInterrupt);
    },
  };
}
