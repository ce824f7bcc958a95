import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRateLimit } from '../../lambda/extract/rate-limit-headers.ts';

const now = Date.parse('2026-11-23T06:00:00.250Z');
const retry = (headers: Record<string, string | undefined>): number | undefined => readRateLimit(headers, now).retryInMs;
const reset = (inMs: number): Record<string, string> => ({ 'x-ratelimit-reset': String(now + inMs) });

describe('the wait that headers name', () => {
  it('is none where there are none', () => {
    expect(readRateLimit({}, now)).toEqual({ budgets: [], retryInMs: undefined });
  });

  it.each([
    ['a reset of route and account in milliseconds', reset(6_500), 6_500],
    ['a reset of the token', { 'x-ratelimit-auth-token-reset': String(now + 1) }, 1],
    ['a reset just past', reset(-10_000), -10_000],
    ['a reset an hour ahead', reset(3_600_000), 3_600_000],
    ['Retry-After in seconds', { 'retry-after': '7' }, 7_000],
    ['Retry-After of zero', { 'retry-after': '0' }, 0],
    ['Retry-After with a fraction', { 'retry-after': '1.5' }, 1_500],
    ['Retry-After as an HTTP date', { 'retry-after': 'Mon, 23 Nov 2026 06:00:05 GMT' }, 4_750],
  ])('is read from %s', (_case, headers, inMs) => {
    expect(retry(headers)).toBe(inMs);
  });

  it('is the latest of several that are usable', () => {
    const headers = { ...reset(2_000), 'x-ratelimit-auth-token-reset': String(now + 9_000), 'retry-after': '5' };
    expect(retry(headers)).toBe(9_000);
    expect(retry({ ...headers, 'retry-after': '30' })).toBe(30_000);
    expect(retry({ ...headers, 'retry-after': '86400', 'x-ratelimit-auth-token-reset': '0' })).toBe(2_000);
  });

  it.each([
    ['more than 10 s past', reset(-10_001)],
    ['more than an hour ahead', reset(3_600_001)],
    ['in seconds', { 'x-ratelimit-reset': String(Math.round(now / 1000)) }],
    ['in microseconds', { 'x-ratelimit-reset': String(now * 1000) }],
    ['of many digits', { 'x-ratelimit-reset': '9'.repeat(400) }],
    ['negative', { 'x-ratelimit-reset': '-1' }],
    ['empty', { 'x-ratelimit-reset': '' }],
    ['a word', { 'x-ratelimit-reset': 'soon' }],
    ['of another notation', { 'x-ratelimit-reset': (now + 5).toExponential(20) }],
    ['sent twice', { 'x-ratelimit-reset': `${now + 5}, ${now + 5}` }],
    ['a Retry-After of more than an hour', { 'retry-after': '3601' }],
    ['a negative Retry-After', { 'retry-after': '-5' }],
    ['a Retry-After in hex', { 'retry-after': '0x10' }],
    ['a Retry-After of Infinity', { 'retry-after': 'Infinity' }],
    ['a Retry-After that is no date', { 'retry-after': 'Mon, soon' }],
    ['a Retry-After of last week', { 'retry-after': 'Mon, 16 Nov 2026 06:00:00 GMT' }],
  ])('is none from one that is %s', (_case, headers) => {
    expect(retry(headers)).toBeUndefined();
  });
});

describe('the budgets that headers name', () => {
  it('are read by family, with the reset each family has', () => {
    expect(
      readRateLimit(
        {
          'x-ratelimit-global-remaining': '100',
          'x-ratelimit-route-remaining': '0',
          'x-ratelimit-route-limit': '5',
          'x-ratelimit-auth-token-remaining': '7',
          'x-ratelimit-auth-token-limit': '1000',
          'x-ratelimit-reset': String(now + 4_000),
          'x-ratelimit-auth-token-reset': String(now + 5_000),
        },
        now,
      ),
    ).toEqual({
      budgets: [
        { family: 'global', remaining: 100, limit: undefined, resetInMs: 4_000 },
        { family: 'route', remaining: 0, limit: 5, resetInMs: 4_000 },
        { family: 'auth token', remaining: 7, limit: 1000, resetInMs: 5_000 },
      ],
      retryInMs: 5_000,
    });
  });

  it('tell a remaining 0 from none, and count without a usable reset as well', () => {
    expect(readRateLimit({ 'x-ratelimit-route-remaining': '0', 'x-ratelimit-reset': '12' }, now)).toEqual({
      budgets: [{ family: 'route', remaining: 0, limit: undefined, resetInMs: undefined }],
      retryInMs: undefined,
    });
  });

  it.each(['', '-1', '1.5', 'many', '5, 5', '9'.repeat(30)])('are none where remaining is %j', (remaining) => {
    expect(readRateLimit({ 'x-ratelimit-global-remaining': remaining }, now).budgets).toEqual([]);
  });
});

it('never names a wait that is no number, or beyond -10 s … 1 h, whatever the headers hold', () => {
  const names = ['x-ratelimit-reset', 'x-ratelimit-auth-token-reset', 'retry-after', 'date'].concat(
    ['global', 'route', 'auth-token'].flatMap((family) => [`x-ratelimit-${family}-remaining`, `x-ratelimit-${family}-limit`]),
  );
  const near = fc.integer({ min: now - 20_000, max: now + 4_000_000 });
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', '+', 'e', 'x', ',', ' ', ':') }),
    near.map(String),
    near.map((ms) => new Date(ms).toUTCString()),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.bigInt().map(String),
    fc.double().map(String),
    fc.stringMatching(/^[A-Z][a-z]{2}, [ -~]{0,30}$/),
  );
  const headers = fc.dictionary(fc.constantFrom(...names), value);
  const instant = fc.oneof(fc.constant(now), fc.integer({ min: 0, max: 2 * now }));
  const isUsable = (inMs: number | undefined): boolean => inMs === undefined || (inMs >= -10_000 && inMs <= 3_600_000);
  let named = 0;
  fc.assert(
    fc.property(headers, instant, (got, nowMs) => {
      const { retryInMs, budgets } = readRateLimit(got, nowMs);
      if (retryInMs !== undefined) named++;
      expect([retryInMs, ...budgets.map(({ resetInMs }) => resetInMs)].every(isUsable)).toBe(true);
      for (const { remaining, limit } of budgets) {
        for (const count of [remaining, limit ?? 0]) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(named).toBeGreaterThan(100);
});
