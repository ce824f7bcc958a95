import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SyncError } from '../lambda/errors.ts';
import { createRunLimits } from '../lambda/run-limits.ts';

const clock = { now: () => Date.now(), elapsed: () => performance.now() };
const minute = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('time runs out at the millisecond it is set to', async () => {
  const limits = createRunLimits(clock, 90_000, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(89_999);
  expect(limits.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(limits.signal.reason).toMatchObject({ kind: 'out_of_time' });
  limits.close();
});

test('a year of time is no time at all away: timers hold 24.8 days at most', async () => {
  const limits = createRunLimits(clock, 31_536_000_000, new AbortController().signal);
  for (let day = 0; day < 364; day++) {
    limits.noteAnswer();
    for (let part = 0; part < 160; part++) {
      await vi.advanceTimersByTimeAsync(9 * minute);
      limits.noteAnswer();
    }
  }
  expect(limits.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(9 * minute);
  limits.close();
});

test('10 minutes without an answer other than 429 end the run, counted from the last one', async () => {
  const limits = createRunLimits(clock, undefined, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(8 * minute);
  limits.noteAnswer();
  await vi.advanceTimersByTimeAsync(10 * minute - 1);
  expect(limits.signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(limits.signal.reason).toMatchObject({
    kind: 'launchdarkly',
    message: expect.stringContaining('no answer other than 429 for 10 minutes'),
  });
  limits.close();
});

test('the first reason counts, an interrupt among them', () => {
  const interrupt = new AbortController();
  const limits = createRunLimits(clock, 1_000, interrupt.signal);
  const stopped = new SyncError('interrupted', 'stopped by SIGINT');
  interrupt.abort(stopped);
  limits.stop(new SyncError('output', 'later'));
  expect(limits.signal.reason).toBe(stopped);
  limits.close();
});

test('an interrupt that came before the run ends it at once', () => {
  const stopped = new SyncError('interrupted', 'stopped by SIGINT');
  const limits = createRunLimits(clock, undefined, AbortSignal.abort(stopped));
  expect(limits.signal.reason).toBe(stopped);
  limits.close();
});
