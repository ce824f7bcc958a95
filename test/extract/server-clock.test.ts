import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctionMs, observeDate, unknownServerClock } from '../../lambda/extract/server-clock.ts';

const now = Date.parse('2026-11-23T06:00:00.000Z');
/** The `Date` of a server whose clock is so far ahead of ours. */
const dateAt = (atMs: number, aheadMs: number): string => new Date(atMs + aheadMs).toUTCString();

describe('the correction of our clock', () => {
  it('is nothing as long as no Date was seen', () => {
    expect(correctionMs(unknownServerClock)).toBe(0);
    for (const date of [undefined, '', 'yesterday']) expect(correctionMs(observeDate(unknownServerClock, date, now, now))).toBe(0);
  });

  it.each([0, 900, -900, 1_400, -1_400])('is nothing where the clocks are %i ms apart', (aheadMs) => {
    expect(correctionMs(observeDate(unknownServerClock, dateAt(now, aheadMs), now, now + 100))).toBe(0);
  });

  it.each([7_000, -7_000, 3_600_000, -86_400_000])(
    'is the distance where the clocks are %i ms apart, less at most the doubt',
    (aheadMs) => {
      const correction = correctionMs(observeDate(unknownServerClock, dateAt(now, aheadMs), now, now + 100));
      expect(correction).toBeLessThanOrEqual(aheadMs);
      expect(correction).toBeGreaterThanOrEqual(aheadMs - 1_100);
    },
  );

  it('narrows with every answer', () => {
    let clock = unknownServerClock;
    for (let atMs = now; atMs < now + 3_000; atMs += 130) clock = observeDate(clock, dateAt(atMs + 20, 20_300), atMs, atMs + 40);
    expect(clock.atLeastMs).toBeGreaterThan(20_100);
    expect(clock.atLeastMs).toBeLessThanOrEqual(20_300);
    expect(clock.atMostMs).toBeGreaterThanOrEqual(20_300);
    expect(clock.atMostMs).toBeLessThan(20_500);
  });

  it.each([60_000, -60_000])('starts anew where a clock jumped by %i ms', (jumpMs) => {
    const before = observeDate(unknownServerClock, dateAt(now, 0), now, now + 50);
    const after = observeDate(before, dateAt(now + 1_000, jumpMs), now + 1_000, now + 1_050);
    expect(correctionMs(after)).toBeLessThanOrEqual(jumpMs);
    expect(correctionMs(after)).toBeGreaterThanOrEqual(jumpMs - 1_100);
  });

  it('never puts the server’s time later than it is, so that no wait ends too early', () => {
    const answer = fc.record({
      afterMs: fc.integer({ min: 0, max: 5_000 }),
      tookMs: fc.integer({ min: 0, max: 20_000 }),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000_000, max: 100_000_000 }),
        fc.array(answer, { minLength: 1, maxLength: 10 }),
        (aheadMs, answers) => {
          let clock = unknownServerClock;
          let atMs = now;
          for (const { afterMs, tookMs, at } of answers) {
            atMs += afterMs;
            const answeredAtMs = atMs + Math.floor(tookMs * at);
            clock = observeDate(clock, dateAt(answeredAtMs, aheadMs), atMs, atMs + tookMs);
          }
          const correction = correctionMs(clock);
          if (correction !== 0) expect(correction).toBeLessThanOrEqual(aheadMs);
          else expect(clock.atLeastMs <= aheadMs && aheadMs <= clock.atMostMs).toBe(true);
        },
      ),
    );
  });
});
