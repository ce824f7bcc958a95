import { describe, expect, it } from 'vitest';
import { parseDate } from '../../lambda/contract/instants.ts';
import { datePrefixes } from '../../lambda/snapshot/date-range.ts';

const prefixes = (from: string, to: string): string[] => [...datePrefixes({ fromMs: parseDate(from) ?? 0, toMs: parseDate(to) ?? 0 })];

describe('a date', () => {
  it('is one of the calendar, as tables write it', () => {
    expect(parseDate('2024-02-29')).toBe(Date.UTC(2024, 1, 29));
    for (const text of [
      '2026-02-29',
      '2026-13-01',
      '2026-00-10',
      '2026-1-1',
      '20261123',
      '2026-11-23T00:00:00Z',
      ' 2026-11-23',
      '0000-01-01',
      '',
    ])
      expect(parseDate(text), text).toBeUndefined();
  });
});

describe('a range of dates', () => {
  it('is listed by days where it is short, and by months where it holds whole ones', () => {
    expect(prefixes('2026-11-23', '2026-11-23')).toEqual(['2026-11-23/']);
    expect(prefixes('2026-11-29', '2027-02-02')).toEqual([
      '2026-11-29/',
      '2026-11-30/',
      '2026-12-',
      '2027-01-',
      '2027-02-01/',
      '2027-02-02/',
    ]);
    expect(prefixes('2024-02-01', '2024-02-29')).toEqual(['2024-02-']);
    expect(prefixes('2024-02-01', '2024-02-28')).toHaveLength(28);
  });

  it('may be as long as dates go', () => {
    expect(prefixes('0001-01-01', '9999-12-31')).toHaveLength(9999 * 12);
    expect(prefixes('9999-12-30', '9999-12-31')).toEqual(['9999-12-30/', '9999-12-31/']);
  });
});
