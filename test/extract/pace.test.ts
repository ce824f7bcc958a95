import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decideStart } from '../../lambda/extract/decide-start.ts';
import { noteAnswer, noteStart, type PaceAnswer } from '../../lambda/extract/note-answer.ts';
import { createPace, type Pace } from '../../lambda/extract/pace.ts';
import type { RateLimitReading } from '../../lambda/extract/rate-limit-headers.ts';
import { drainEachWindow } from '../launchdarkly/budget.ts';
import { simulateRequests } from './simulate-requests.ts';

const nothing: RateLimitReading = { budgets: [], retryInMs: undefined };
const route = (remaining: number, resetInMs?: number): RateLimitReading => ({
  budgets: [{ family: 'route', remaining, limit: undefined, resetInMs }],
  retryInMs: resetInMs,
});

/** Starts a request and answers it at once, without a margin. */
function askOnce(pace: Pace, nowMs: number, answer: Pick<PaceAnswer, 'status' | 'reading'>): Pace {
  const started = noteStart(pace, nowMs);
  return noteAnswer(started, { startedAtMs: nowMs, epoch: started.epoch, ...answer }, nowMs, 0);
}

describe('the wait after a 429', () => {
  const waitAfter = (retryInMs: number | undefined): number => {
    const pace = askOnce(createPace(1000, 0), 0, { status: 429, reading: { budgets: [], retryInMs } });
    const decision = decideStart(pace, 0);
    return decision.kind === 'wait' ? decision.untilMs : 0;
  };

  test('lasts until the instant the server named, from 1 s to 60 s, and 10 s without one', () => {
    expect([5_000, 0, 400, 59_999, 3_000_000, undefined].map(waitAfter)).toEqual([5_000, 1_000, 1_000, 59_999, 60_000, 10_000]);
  });

  test('doubles while the named reset stays past: our clock is ahead by less than is corrected', () => {
    let pace = createPace(1000, 0);
    const waits: number[] = [];
    for (let nowMs = 0; waits.length < 5; ) {
      pace = askOnce(pace, nowMs, { status: 429, reading: { budgets: [], retryInMs: -50 } });
      const decision = decideStart(pace, nowMs);
      if (decision.kind !== 'wait') throw new Error('no wait');
      waits.push(decision.untilMs - nowMs);
      nowMs = decision.untilMs;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  test('lets one request alone test what is allowed, and the others once it is answered', () => {
    let pace = askOnce(createPace(1000, 0), 0, { status: 429, reading: nothing });
    expect(decideStart(pace, 10_000)).toEqual({ kind: 'start' });
    pace = noteStart(pace, 10_000);
    expect(decideStart(pace, 10_001)).toEqual({ kind: 'answer first', untilMs: 11_000 });
    pace = noteAnswer(pace, { startedAtMs: 10_000, epoch: pace.epoch, status: 200, reading: nothing }, 10_050, 0);
    expect(decideStart(pace, 10_050)).toEqual({ kind: 'start' });
  });

  test('does not wait for ever for a test that hangs', () => {
    let pace = askOnce(createPace(1000, 0), 0, { status: 429, reading: nothing });
    pace = noteStart(pace, 10_000);
    expect(decideStart(pace, 11_000)).toEqual({ kind: 'start' });
  });
});

describe('a budget that the server names', () => {
  test('never has more requests under way than remain', () => {
    let pace = askOnce(createPace(1000, 0), 0, { status: 200, reading: route(2, 8_000) });
    pace = noteStart(noteStart(pace, 10), 20);
    expect(decideStart(pace, 30)).toEqual({ kind: 'answer first', untilMs: 8_000 });
  });

  test('is waited for until its reset once it is used up, whichever of the families is the tight one', () => {
    const reading: RateLimitReading = {
      budgets: [
        { family: 'route', remaining: 0, limit: 5, resetInMs: 2_000 },
        { family: 'auth token', remaining: 0, limit: 100, resetInMs: 7_000 },
        { family: 'global', remaining: 900, limit: 1000, resetInMs: 2_000 },
      ],
      retryInMs: 7_000,
    };
    const pace = askOnce(createPace(1000, 0), 0, { status: 200, reading });
    expect(decideStart(pace, 100)).toEqual({
      kind: 'wait',
      untilMs: 7_000,
      reason: { why: 'budget', family: 'auth token', allowed: 100, windowMs: 10_000 },
    });
  });

  test('takes the lowest reading of a window, in whatever order answers come', () => {
    let pace = askOnce(createPace(1000, 0), 0, { status: 200, reading: route(9, 5_000) });
    pace = noteStart(noteStart(pace, 1), 2);
    pace = noteAnswer(pace, { startedAtMs: 2, epoch: 0, status: 200, reading: route(0, 4_990) }, 10, 0);
    pace = noteAnswer(pace, { startedAtMs: 1, epoch: 0, status: 200, reading: route(1, 4_989) }, 11, 0);
    expect(decideStart(pace, 12)).toMatchObject({ kind: 'wait', untilMs: 5_000 });
  });
});

describe('over whole runs on virtual time', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: 1_700_000_003_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const anchored = 'first-request' as const;
  const budget = (limit: number) => ({ families: { route: { limit } }, anchored });

  test('100 per 10 s with headers: every window is used at once and no 429 comes', async () => {
    const run = await simulateRequests({ requests: 500, budget: budget(100) });
    expect(run.rateLimitedMs).toEqual([]);
    expect(run.elapsedMs / 40_300).toBeLessThan(1.03);
    expect(run.startsMs.filter((ms) => ms < 2_000).length).toBe(100);
    expect(run.waits[0]?.reason).toEqual({ why: 'budget', family: 'route', allowed: 100, windowMs: 10_000 });
  });

  test('5 per 10 s with headers', async () => {
    const run = await simulateRequests({ requests: 30, budget: budget(5) });
    expect(run.rateLimitedMs).toEqual([]);
    expect(run.elapsedMs / 50_050).toBeLessThan(1.05);
  });

  test('100 per 10 s without headers: the pace is found once and remembered', async () => {
    const run = await simulateRequests({ requests: 500, budget: { ...budget(100), headersOn: 'none' } });
    expect(run.elapsedMs / 40_300).toBeLessThan(1.25);
    // All of the first window's end: those that were under way when it was used up.
    expect(run.rateLimitedMs.filter((ms) => ms > 2_000)).toEqual([]);
  });

  test('without headers, requests that travel at different speeds are not taken for a lower limit', async () => {
    const travelMs = (request: number): number => 5 + ((request * 7) % 21);
    const run = await simulateRequests({ requests: 190, travelMs, budget: { ...budget(40), headersOn: 'none' } });
    expect(run.elapsedMs / 40_300).toBeLessThan(1.25);
    expect(run.rateLimitedMs.filter((ms) => ms > 2_000)).toEqual([]);
  });

  test('5 per 10 s without headers: a higher pace is tried once a minute, with one request', async () => {
    const run = await simulateRequests({ requests: 90, budget: { ...budget(5), headersOn: 'none' } });
    expect(run.elapsedMs / 170_050).toBeLessThan(1.05);
    expect(run.rateLimitedMs.filter((ms) => ms > 2_000).length).toBeLessThanOrEqual(2);
  });

  test('an IP limit that only Retry-After tells of, beside a budget that is never used up', async () => {
    const families = { ip: { limit: 50 }, route: { limit: 100 } };
    for (const retryAfter of ['seconds', 'date'] as const) {
      const run = await simulateRequests({ requests: 200, budget: { families, anchored, retryAfter } });
      expect(run.elapsedMs).toBeLessThan(30_300 * 1.1);
      expect(run.rateLimitedMs.filter((ms) => ms > 2_000)).toEqual([]);
    }
  });

  test('the tightest of two families is followed', async () => {
    const run = await simulateRequests({
      requests: 200,
      budget: { families: { authToken: { limit: 50 }, route: { limit: 100 } }, anchored },
    });
    expect(run.rateLimitedMs).toEqual([]);
    expect(run.elapsedMs / 30_300).toBeLessThan(1.03);
  });

  test('other clients that drain the budget steadily cost at most one 429 a window once they were seen', async () => {
    const otherClients = (nowMs: number, _family: string, startMs: number): number => Math.floor((nowMs - startMs) / 20);
    const run = await simulateRequests({ requests: 400, budget: { families: { route: { limit: 100 } }, otherClients } });
    const windows = Map.groupBy(run.rateLimitedMs, (ms) => Math.floor((ms + 3_000) / 10_000));
    expect([...windows].slice(2).map(([, limited]) => limited.length)).toEqual([...windows].slice(2).map(() => 1));
  });

  test('other clients that empty the budget in a burst surprise once, and then one request a window', async () => {
    const otherClients = drainEachWindow([{ afterMs: 300, requests: 70 }]);
    const run = await simulateRequests({ requests: 300, budget: { families: { route: { limit: 100 } }, otherClients } });
    const windows = [...Map.groupBy(run.rateLimitedMs, (ms) => Math.floor((ms + 3_000) / 10_000)).values()];
    expect(windows.slice(1).every((limited) => limited.length <= 1)).toBe(true);
  });

  test('a budget that others leave nothing of costs one request a window', async () => {
    const otherClients = drainEachWindow([{ afterMs: 10, requests: 100 }]);
    const starving = simulateRequests({
      requests: 1,
      maxConcurrentRequests: 4,
      budget: { families: { route: { limit: 100 } }, otherClients },
    });
    await expect(starving).rejects.toThrow('0 of 1 requests');
  });

  test.each([
    ['always 0 and a reset in the year 5138', '99999999999999'],
    ['always 0 and a reset in 1970', '1700000003'],
    ['always 0 and no number', 'soon'],
  ])('hostile headers cost one bounded wait: %s', async (_name, reset) => {
    const headers = () => ({ 'x-ratelimit-route-remaining': '0', 'x-ratelimit-reset': reset });
    const run = await simulateRequests({ requests: 50, budget: { families: {} }, headers });
    expect(run.waits.length).toBe(1);
    expect(run.elapsedMs).toBeLessThan(11_000);
  });

  test('a budget that is always 0 with a reset just past is not believed for long', async () => {
    const headers = () => ({ 'x-ratelimit-route-remaining': '0', 'x-ratelimit-reset': String(Date.now() - 3_000) });
    const run = await simulateRequests({ requests: 200, budget: { families: {} }, headers });
    expect(run.elapsedMs).toBeLessThan(2_000);
  });

  test('a reset that moves away with every answer costs one bounded wait', async () => {
    const headers = () => ({ 'x-ratelimit-route-remaining': '0', 'x-ratelimit-reset': String(Date.now() + 3_000_000) });
    const run = await simulateRequests({ requests: 50, budget: { families: {} }, headers });
    expect(run.waits.length).toBe(1);
    expect(run.elapsedMs).toBeLessThan(13_000);
  });

  test.each([0.5, 3, 10, 100, 250, 1000])('%d requests per second are never exceeded', async (maxRequestsPerSecond) => {
    const run = await simulateRequests({
      requests: Math.min(400, Math.ceil(maxRequestsPerSecond * 4)),
      maxRequestsPerSecond,
      maxConcurrentRequests: 64,
      latencyMs: 20,
      budget: { families: {} },
    });
    const most = Math.max(...run.startsMs.map((ms) => run.startsMs.filter((other) => other >= ms && other < ms + 1000).length));
    // Above 100 a second, starts come in groups of 10 ms.
    expect(most).toBeLessThanOrEqual(Math.ceil(maxRequestsPerSecond) + Math.floor(maxRequestsPerSecond / 100));
    expect(run.mostInFlight).toBeLessThanOrEqual(64);
  });

  test('the configured pace holds after a pause too: what waited is not let go at once', async () => {
    const run = await simulateRequests({ requests: 40, maxRequestsPerSecond: 10, maxConcurrentRequests: 8, budget: budget(20) });
    const gaps = run.startsMs.slice(1).map((ms, index) => ms - (run.startsMs[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(98);
  });

  test('retries go before new requests', async () => {
    const run = await simulateRequests({ requests: 40, maxConcurrentRequests: 2, budget: { ...budget(10), headersOn: 'none' } });
    const late = run.order.map((request, index) => Math.abs(request - index));
    expect(Math.max(...late)).toBeLessThanOrEqual(2);
  });
});
