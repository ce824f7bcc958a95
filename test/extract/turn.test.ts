import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGate, type Gate, type Permit } from '../../lambda/extract/gate.ts';
import { readRateLimit } from '../../lambda/extract/rate-limit-headers.ts';

const clock = { now: () => Date.now(), elapsed: () => performance.now() };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A gate whose turn ends so many milliseconds from now, and what it says of that. */
function openTurn(maxRequestsPerSecond: number, lastsMs: number): { gate: Gate; tooLate: number[]; beginMs: number } {
  const tooLate: number[] = [];
  const beginMs = performance.now();
  const turn = { lastStartMs: beginMs + lastsMs, onTooLate: (forMs: number) => tooLate.push(Math.round(forMs)) };
  return { gate: createGate({ maxRequestsPerSecond, clock, random: () => 0.5, onWait: () => {}, turn }), tooLate, beginMs };
}

const none = readRateLimit({}, 0);
const remaining = (count: number, resetInMs: number) =>
  readRateLimit({ 'x-ratelimit-route-remaining': String(count), 'x-ratelimit-reset': String(Date.now() + resetInMs) }, Date.now());

test('the first request of a turn keeps the spacing to the last one of the turn before, which may have been killed', async () => {
  const { gate, beginMs } = openTurn(0.5, 60_000);
  const started = gate.enter().then((permit) => {
    permit.settle(200, none);
    return performance.now() - beginMs;
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await started).toBe(2004);
  gate.close(new Error('ended'));
});

test('turns one after the other, each cut off, never start more in a second than the pace', async () => {
  const startsMs: number[] = [];
  for (let count = 0; count < 40; count++) {
    const { gate } = openTurn(10, 60_000);
    const started = Array.from({ length: 3 }, () =>
      gate.enter().then((permit) => {
        startsMs.push(performance.now());
        permit.settle(200, none);
      }),
    );
    for (const entered of started) entered.catch(() => {});
    await vi.advanceTimersByTimeAsync(60 + count * 7);
    gate.close(new Error('killed'));
  }
  expect(startsMs.length).toBeGreaterThan(40);
  const most = Math.max(...startsMs.map((fromMs) => startsMs.filter((ms) => ms >= fromMs && ms < fromMs + 1000).length));
  expect(most).toBeLessThanOrEqual(10);
});

test('a wait past its end ends it at once, with how long the next one waits', async () => {
  const { gate, tooLate } = openTurn(100, 2_000);
  for (const count of [1, 0]) {
    const entered = gate.enter();
    await vi.advanceTimersByTimeAsync(100);
    (await entered).settle(200, remaining(count, 8_000 - (1 - count) * 100));
  }
  gate.enter().catch(() => {});
  await vi.advanceTimersByTimeAsync(50);
  expect(tooLate).toEqual([expect.closeTo(7_900, -3)]);
  gate.close(new Error('ended'));
});

test('what is under way is waited for first, so that no answer is lost', async () => {
  const { gate, tooLate } = openTurn(100, 20_000);
  const permits: Permit[] = [];
  const first = gate.enter();
  await vi.advanceTimersByTimeAsync(100);
  (await first).settle(200, none);
  for (let count = 0; count < 2; count++) void gate.enter().then((permit) => permits.push(permit));
  await vi.advanceTimersByTimeAsync(100);
  gate.enter().catch(() => {});
  await vi.advanceTimersByTimeAsync(30_000);
  // The third may still be sent once an answer allows it; the turn has ended meanwhile.
  for (const [index, permit] of permits.entries()) {
    expect([index, tooLate]).toEqual([index, []]);
    permit.settle(200, none);
  }
  await vi.advanceTimersByTimeAsync(10);
  expect(tooLate.length).toBeLessThanOrEqual(1);
  gate.close(new Error('ended'));
});

test('no request starts after its end, and that is told once', async () => {
  const { gate, tooLate } = openTurn(100, 1_000);
  await vi.advanceTimersByTimeAsync(1_500);
  const entered: number[] = [];
  for (let count = 0; count < 3; count++)
    gate.enter().then(
      () => entered.push(count),
      () => {},
    );
  await vi.advanceTimersByTimeAsync(100);
  expect([entered, tooLate]).toEqual([[], [0]]);
  gate.close(new Error('ended'));
});

test('a pace whose spacing no turn has room for is no wait: the next turn keeps that spacing by itself', async () => {
  const { gate, tooLate } = openTurn(0.001, 60_000);
  gate.enter().catch(() => {});
  await vi.advanceTimersByTimeAsync(50);
  expect(tooLate).toEqual([0]);
  gate.close(new Error('ended'));
});
