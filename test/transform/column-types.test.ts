import { describe, expect, it } from 'vitest';
import type { Column } from '../../lambda/contract/tables.ts';
import { describeMismatches } from './column-types.ts';

const judge = (type: Column['type'], value: unknown, nullable = false): boolean =>
  describeMismatches({ c: value }, [{ name: 'c', type, nullable, comment: '' }]).length === 0;

describe('the type check the other tests rest on', () => {
  it.each<[Column['type'], unknown[], unknown[]]>([
    ['string', ['', 'é', '👍'], [1, null, undefined, '\ud800', ['a']]],
    ['int', [0, -2147483648, 2147483647], [-0, 2147483648, 1.5, '1', Number.NaN, null]],
    ['bigint', [0, 9007199254740991], [9007199254740992, 0.5, null]],
    ['boolean', [true, false], [0, 'true', null]],
    [
      'timestamp',
      ['0001-01-01 00:00:00.000', '9999-12-31 23:59:59.999', '2024-02-29 00:00:00.000'],
      ['0000-01-01 00:00:00.000', '2023-02-29 00:00:00.000', '2024-01-01T00:00:00.000', '2024-01-01 00:00:00', 0, null, ''],
    ],
    ['array<string>', [[], ['a', '']], [[1], [null], ['\udfff'], 'a', null, {}]],
  ])('knows %s from everything else', (type, right, wrong) => {
    expect(right.map((value) => judge(type, value))).toEqual(right.map(() => true));
    expect(wrong.map((value) => judge(type, value))).toEqual(wrong.map(() => false));
  });

  it('allows null where the column does, and reports columns that are missing, too many or in another order', () => {
    expect(judge('int', null, true)).toBe(true);
    const columns: Column[] = ['a', 'b'].map((name) => ({ name, type: 'string', nullable: true, comment: '' }));
    expect(describeMismatches({ b: '', a: '' }, columns)).toEqual(['columns are b,a, not a,b']);
    expect(describeMismatches({ a: '' }, columns)).toEqual(['columns are a, not a,b']);
    expect(describeMismatches({ a: '', b: 2 }, columns)).toEqual(['b is 2, not null or string']);
  });
});
