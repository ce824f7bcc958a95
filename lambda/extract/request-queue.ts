import Bottleneck from 'bottleneck/light.js';
import type { Gate, Permit } from './gate.ts';

/** Sends requests at the configured pace and concurrency, retries before first attempts. */
export type RequestQueue = {
  /** Waits for a slot and a permit, then runs `send`, which must settle the permit. */
  submit<T>(isRetry: boolean, send: (permit: Permit) => Promise<T>): Promise<T>;
  /** Rejects what waits, and ends all timers once what runs has ended. */
  stop(reason: unknown): Promise<void>;
};

type Entry = { readonly run: (permit: Permit) => Promise<void>; readonly reject: (reason: unknown) => void };

/**
 * A slot that is this much later than it can be is held back by a clock: Bottleneck measures by the time of day, and after that was set back
 * an hour it would give out no slot for an hour. A busy machine is late as well, though hardly by so much.
 */
const toleratedHoldMs = 5_000;
/** What a timer can hold: a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Bottleneck gives out slots, and inside its slot each request passes the gate. A Bottleneck job costs about half a millisecond of CPU,
 * so above 100 requests a second one job serves several requests, one after the other; the gate keeps the exact pace.
 */
export function createRequestQueue(options: {
  readonly maxRequestsPerSecond: number;
  readonly maxConcurrentRequests: number;
  readonly gate: Gate;
}): RequestQueue {
  const { maxRequestsPerSecond, maxConcurrentRequests, gate } = options;
  const requestsPerJob = Math.ceil(maxRequestsPerSecond / 100);
  const minTime = (requestsPerJob * 1000) / maxRequestsPerSecond;
  const openLimiter = (): Bottleneck => new Bottleneck({ maxConcurrent: maxConcurrentRequests, minTime });
  let limiter = openLimiter();
  const replaced: Promise<void>[] = [];
  const retries: Entry[] = [];
  const firsts: Entry[] = [];
  let jobs = 0;
  let queuedJobs = 0;
  let stopped: { reason: unknown; ended: Promise<void> } | undefined;
  const waitingCount = (): number => retries.length + firsts.length;

  const serve = async (): Promise<void> => {
    for (let served = 0; served < requestsPerJob && waitingCount() > 0; served++) {
      const permit = await gate.enter();
      // Chosen at the last moment: a retry that came while the gate was closed goes before what waited longer.
      const entry = retries.shift() ?? firsts.shift();
      if (entry === undefined) return permit.discard();
      await entry.run(permit);
    }
  };

  const schedule = (): void => {
    while (stopped === undefined && jobs < maxConcurrentRequests && queuedJobs < waitingCount()) {
      jobs++;
      queuedJobs++;
      const giver = limiter;
      const held = setTimeout(() => replace(giver), Math.min(maxConcurrentRequests * minTime + toleratedHoldMs, longestTimerMs));
      let isHeld = true;
      const release = (): void => {
        if (isHeld) queuedJobs--;
        isHeld = false;
        clearTimeout(held);
      };
      giver
        .schedule(() => {
          release();
          return serve();
        })
        // Only stopping ends a job early: of the queue, and then what waits is rejected there, or of a limiter that was replaced.
        .catch(() => {})
        .finally(() => {
          release();
          jobs--;
          schedule();
        });
    }
  };

  /** Takes back the slots that a limiter did not give out in time. */
  const replace = (late: Bottleneck): void => {
    if (limiter !== late || stopped !== undefined) return;
    limiter = openLimiter();
    replaced.push(late.stop({ dropWaitingJobs: true }));
  };

  return {
    submit: (isRetry, send) =>
      new Promise((resolve, reject) => {
        if (stopped !== undefined) return reject(stopped.reason);
        const run = (permit: Permit): Promise<void> =>
          send(permit)
            .then(resolve, reject)
            .finally(() => permit.discard());
        (isRetry ? retries : firsts).push({ run, reject });
        schedule();
      }),
    stop: (reason) => {
      if (stopped === undefined) {
        gate.close(reason);
        for (const { reject } of [...retries.splice(0), ...firsts.splice(0)]) reject(reason);
        const stopping = [...replaced, limiter.stop({ dropWaitingJobs: true })];
        stopped = { reason, ended: Promise.all(stopping).then(() => {}) };
      }
      return stopped.ended;
    },
  };
}
