import { expect, test } from 'vitest';
import { describeSlices, parseSlices } from '../lambda/slice-ranges.ts';

test('numbers and ranges are read as the set they stand for', () => {
  expect([...(parseSlices(['3', '7-9', '8', '99999']) ?? [])]).toEqual([3, 7, 8, 9, 99999]);
  expect(parseSlices([])).toEqual(new Set());
});

test.each(['', '-1', '1-', '9-3', '1.5', '0x1', '100000', 'a', '1,2', ' 1', '1-2-3'])('%j is no slice', (text) => {
  expect(parseSlices([text])).toBe(undefined);
});

test('what was read is written as short as it can be, in order', () => {
  expect(describeSlices([9, 3, 8, 7])).toBe('3, 7-9');
  expect(describeSlices([])).toBe('');
  expect(describeSlices(Array.from({ length: 12 }, (_, index) => index * 2))).toBe('0, 2, 4, 6, 8, 10, 12, 14, 16, 18, …');
});
