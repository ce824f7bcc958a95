import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { earliestInstantMs, formatInstant, latestInstantMs, parseInstant } from '../../lambda/contract/instants.ts';

describe('an instant in tables', () => {
  it.each([
    [0, '1970-01-01 00:00:00.000'],
    [-1, '1969-12-31 23:59:59.999'],
    [1_700_000_000_123, '2023-11-14 22:13:20.123'],
    [earliestInstantMs, '0001-01-01 00:00:00.000'],
    [latestInstantMs, '9999-12-31 23:59:59.999'],
  ])('%i is written %s', (ms, text) => {
    expect(formatInstant(ms)).toBe(text);
  });

  it('is written as ISO 8601 writes it, but for the T and the Z', () => {
    fc.assert(
      fc.property(fc.integer({ min: earliestInstantMs, max: latestInstantMs }), (ms) => {
        expect(`${formatInstant(ms).replace(' ', 'T')}Z`).toBe(new Date(ms).toISOString());
      }),
    );
  });
});

describe('an instant in settings and events', () => {
  const six = Date.parse('2026-11-23T06:00:00Z');

  it.each([
    ['2026-11-23T06:00:00Z', six],
    ['2026-11-23t06:00:00z', six],
    ['2026-11-23T06:00:00.000Z', six],
    ['2026-11-23T07:30:00+01:30', six],
    ['2026-11-22T22:00:00-08:00', six],
    ['2026-11-23T06:00:00-00:00', six],
    ['2024-02-29T00:00:00Z', Date.parse('2024-02-29')],
    ['0001-01-01T00:00:00Z', earliestInstantMs],
    ['9999-12-31T23:59:59Z', latestInstantMs - 999],
  ])('can be %s', (text, ms) => {
    expect(parseInstant(text)).toBe(ms);
  });

  it.each([
    '',
    'now',
    '2026-11-23',
    '2026-11-23T06:00Z',
    '2026-11-23T06:00:00',
    '2026-11-23 06:00:00Z',
    '2026-11-23T06:00:00.5Z',
    '2026-11-23T06:00:00.001Z',
    '2026-11-23T06:00:00+0100',
    '2026-11-23T06:00:00+24:00',
    '2026-11-23T06:00:00+05:75',
    '2026-11-23T24:00:00Z',
    '2026-11-23T06:60:00Z',
    '2026-02-30T06:00:00Z',
    '2023-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '0000-12-31T23:59:59Z',
    '9999-12-31T23:59:59-01:00',
    '10000-01-01T00:00:00Z',
    '+002026-11-23T06:00:00Z',
    ' 2026-11-23T06:00:00Z',
    '2026-11-23T06:00:00Z\n',
    '20261123T060000Z',
    '1795413600000',
  ])('cannot be %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('comes back as written, for every second of the years 0001–9999', () => {
    fc.assert(
      fc.property(fc.integer({ min: earliestInstantMs / 1000, max: Math.floor(latestInstantMs / 1000) }), (seconds) => {
        expect(parseInstant(`${formatInstant(seconds * 1000).replace(' ', 'T')}Z`)).toBe(seconds * 1000);
      }),
    );
  });
});
