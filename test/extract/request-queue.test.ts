import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGate } from '../../lambda/extract/gate.ts';
import { createRequestQueue } from '../../lambda/extract/request-queue.ts';

const clock = { now: () => Date.now(), elapsed: () => performance.now() };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: 1_700_000_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function open(maxRequestsPerSecond: number) {
  const gate = createGate({ maxRequestsPerSecond, clock, random: () => 0, onWait: () => {} });
  return { gate, queue: createRequestQueue({ maxRequestsPerSecond, maxConcurrentRequests: 2, gate }) };
}

test('stopping rejects all that waits, for a slot or at the gate, and leaves no timer', async () => {
  const { queue } = open(0.01);
  const reason = new Error('stopped');
  const results = [1, 2, 3, 4, 5].map(() =>
    queue.submit(false, async (permit) => permit.settle(200, { budgets: [], retryInMs: undefined })),
  );
  const settled = Promise.allSettled(results);
  await vi.advanceTimersByTimeAsync(10);
  await queue.stop(reason);
  expect((await settled).map((result) => (result.status === 'rejected' ? result.reason : 'sent'))).toEqual([
    'sent',
    reason,
    reason,
    reason,
    reason,
  ]);
  await expect(queue.submit(false, async () => {})).rejects.toBe(reason);
  expect(vi.getTimerCount()).toBe(0);
});

test('stopping in a wait of a minute ends it at once', async () => {
  const { queue, gate } = open(100);
  const reason = new Error('stopped');
  await Promise.all([
    queue.submit(false, async (permit) => permit.settle(429, { budgets: [], retryInMs: 60_000 })),
    vi.advanceTimersByTimeAsync(10),
  ]);
  const waiting = queue.submit(true, async () => 'sent').catch((error) => error);
  await vi.advanceTimersByTimeAsync(1_000);
  await queue.stop(reason);
  expect(await waiting).toBe(reason);
  // Bottleneck yields once more, for 0 ms.
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
  expect(gate.waitedMs()).toBeGreaterThanOrEqual(980);
});

test('a request that fails frees its slot', async () => {
  const { queue } = open(100);
  const failing = queue.submit(false, async () => {
    throw new Error('broken');
  });
  const rejected = expect(failing).rejects.toThrow('broken');
  await vi.advanceTimersByTimeAsync(50);
  await rejected;
  const others = Promise.all([1, 2, 3].map((value) => queue.submit(false, async () => value)));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await others).toEqual([1, 2, 3]);
  await queue.stop(new Error('ended'));
});

test('a clock that is set back an hour holds requests back for seconds, and the pace stays', async () => {
  const { queue } = open(20);
  const send = () => queue.submit(false, async (permit) => permit.settle(200, { budgets: [], retryInMs: undefined }));
  const before = Promise.all([send(), send()]);
  await vi.advanceTimersByTimeAsync(500);
  await before;
  vi.setSystemTime(Date.now() - 3_600_000);
  let sent = 0;
  const after = Promise.all(Array.from({ length: 10 }, () => send().then(() => sent++)));
  await vi.advanceTimersByTimeAsync(5_000 + 2 * 50 + 250);
  expect(sent).toBeGreaterThanOrEqual(3);
  expect(sent).toBeLessThanOrEqual(6);
  await vi.advanceTimersByTimeAsync(700);
  await after;
  await queue.stop(new Error('ended'));
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});
