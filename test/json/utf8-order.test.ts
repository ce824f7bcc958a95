import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareUtf8 } from '../../lambda/json/utf8-order.ts';
import { anyCodePoint } from '../any-code-point.ts';

const sign = (a: string, b: string): number => Math.sign(compareUtf8(a, b));

it('puts characters beyond U+FFFF after those before, unlike UTF-16', () => {
  expect(['\u{1f600}', '\ufffd', '\ue000', '\ud7ff', 'é', 'z', 'Z', '', 'za'].sort(compareUtf8)).toEqual([
    '',
    'Z',
    'z',
    'za',
    'é',
    '\ud7ff',
    '\ue000',
    '\ufffd',
    '\u{1f600}',
  ]);
});

it('is the order of the UTF-8 bytes, for any two texts', () => {
  const unit = fc.constantFrom('a', 'b', '\u0000', 'é', '߿', 'ࠀ', '\ud7ff', '\ue000', '\uffee', '\ufffd', '\u{10000}', '😀', '\u{10ffff}');
  const text = fc.oneof(fc.string({ unit, maxLength: 6 }), fc.string({ unit: anyCodePoint, maxLength: 6 }));
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(sign(a, b)).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
    { numRuns: 500 },
  );
});
