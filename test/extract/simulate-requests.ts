import { vi } from 'vitest';
import { createGate, type Wait } from '../../lambda/extract/gate.ts';
import { readRateLimit } from '../../lambda/extract/rate-limit-headers.ts';
import { createRequestQueue } from '../../lambda/extract/request-queue.ts';
import { workersFor } from '../../lambda/run-workers.ts';
import { type BudgetOptions, createBudget } from '../launchdarkly/budget.ts';

/** What a simulated run came to; instants are milliseconds from its start. */
export type SimulatedRun = {
  readonly elapsedMs: number;
  readonly startsMs: readonly number[];
  readonly rateLimitedMs: readonly number[];
  readonly waits: readonly Wait[];
  /** The requests in the order they were answered. */
  readonly order: readonly number[];
  readonly mostInFlight: number;
};

/**
 * Sends a number of requests through the real queue and gate against a budget, all on vitest's virtual time, which must be on.
 * The server counts a request half-way through `latencyMs`.
 */
export async function simulateRequests(options: {
  readonly requests: number;
  readonly budget: BudgetOptions;
  readonly latencyMs?: number;
  /** How long the n-th request travels to the server. @default half of `latencyMs` */
  readonly travelMs?: (request: number) => number;
  readonly maxRequestsPerSecond?: number;
  readonly maxConcurrentRequests?: number;
  /** Changes the headers of an answer. */
  readonly headers?: (headers: Record<string, string>) => Record<string, string>;
}): Promise<SimulatedRun> {
  const {
    requests,
    latencyMs = 50,
    maxRequestsPerSecond = 200,
    maxConcurrentRequests = 16,
    headers: change = (headers) => headers,
  } = options;
  const budget = createBudget(options.budget);
  const clock = { now: () => Date.now(), elapsed: () => performance.now() };
  const beginMs = Date.now();
  const waits: Wait[] = [];
  const gate = createGate({ maxRequestsPerSecond, clock, random: () => 0.5, onWait: (wait) => waits.push(wait) });
  const queue = createRequestQueue({ maxRequestsPerSecond, maxConcurrentRequests, gate });
  const startsMs: number[] = [];
  const rateLimitedMs: number[] = [];
  const order: number[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const travelMs = options.travelMs ?? (() => latencyMs / 2);

  const ask = async (request: number): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      const isAnswered = await queue.submit(attempt > 0, async (permit) => {
        startsMs.push(Date.now() - beginMs);
        mostInFlight = Math.max(mostInFlight, ++inFlight);
        await sleep(travelMs(startsMs.length));
        const { allowed, headers } = budget.take(Date.now());
        await sleep(latencyMs / 2);
        inFlight--;
        if (!allowed) rateLimitedMs.push(Date.now() - beginMs);
        const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
        permit.settle(allowed ? 200 : 429, readRateLimit(change(lowered), Date.now()));
        return allowed;
      });
      if (isAnswered) break;
    }
    order.push(request);
  };

  let next = 0;
  const work = async (): Promise<void> => {
    while (next < requests) await ask(next++);
  };
  let elapsedMs: number | undefined;
  const ended = Promise.all(Array.from({ length: workersFor(maxConcurrentRequests).first }, work)).then(() => {
    elapsedMs = Date.now() - beginMs;
    return queue.stop(new Error('the simulation has ended'));
  });
  for (let step = 0; step < 4000 && elapsedMs === undefined; step++) await vi.advanceTimersByTimeAsync(500);
  if (elapsedMs === undefined) throw new Error(`${order.length} of ${requests} requests after ${Date.now() - beginMs} ms`);
  await ended;
  return { elapsedMs, startsMs, rateLimitedMs, waits, order, mostInFlight };
}
