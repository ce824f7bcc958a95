import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isJsonObject, isNestedTooDeep, mapTexts, maxNesting, parseKeepingDigits } from '../../lambda/json/json-text.ts';

const rewrite = (text: string): string => JSON.stringify(parseKeepingDigits(text));
const canonical = (text: string): string => canonicalJson(parseKeepingDigits(text));

describe('parsing with digits kept', () => {
  it.each(['1.0', '-0', '1E2', '0.10', '1e400', '-1e-999', '9007199254740993', '123456789012345678901234567890.50'])(
    'writes %s back as it came, wherever it stood',
    (number) => {
      const text = `{"a":[${number},{"b":${number}}],"c":${number},"__proto__":${number}}`;
      expect(rewrite(text)).toBe(text);
      expect(rewrite(number)).toBe(number);
    },
  );

  it('takes the last of a repeated name, whatever the first was', () => {
    expect(rewrite('{"a":1.0,"a":2.0}')).toBe('{"a":2.0}');
    expect(rewrite('{"a":{"b":1.0},"a":2.50}')).toBe('{"a":2.50}');
    expect(rewrite('{"a":2.50,"a":[1.0,2.0]}')).toBe('{"a":[1.0,2.0]}');
  });

  it('reads all else as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(rewrite(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('canonical JSON', () => {
  it('sorts by UTF-8 bytes at every level, without white space, with lone surrogates as U+FFFD', () => {
    expect(canonical(' { "\u{1f600}" : 1.0 , "\ufffd" : [ { "b" : null , "a" : "\\ud800" } ] , "10" : true , "9" : false } ')).toBe(
      '{"10":true,"9":false,"\ufffd":[{"a":"\ufffd","b":null}],"\u{1f600}":1.0}',
    );
  });

  it('does not take an object for a number because of how it is called inside', () => {
    expect(canonical('{"rawJSON":"1.0","toJSON":"x","__proto__":{"rawJSON":2.0}}')).toBe(
      '{"__proto__":{"rawJSON":2.0},"rawJSON":"1.0","toJSON":"x"}',
    );
  });

  it('is the same whatever the order of names', () => {
    const turn = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turn)
        : isJsonObject(value)
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([name, member]) => [name, turn(member)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonical(JSON.stringify(turn(value)))).toBe(canonical(JSON.stringify(value)));
      }),
    );
  });

  it('manages as many levels as an answer may have', () => {
    const deepest = `${'['.repeat(maxNesting)}1.0${']'.repeat(maxNesting)}`;
    expect(canonical(deepest)).toBe(deepest);
  });
});

describe('nesting', () => {
  it('is too deep beyond the limit alone', () => {
    const nested = (levels: number, open = '[', close = ']'): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
    expect(isNestedTooDeep(nested(maxNesting))).toBe(false);
    expect(isNestedTooDeep(nested(maxNesting + 1))).toBe(true);
    expect(isNestedTooDeep(nested(maxNesting + 1, '{"a":', '}'))).toBe(true);
    expect(isNestedTooDeep('[]'.repeat(10_000))).toBe(false);
  });

  it('does not count brackets in texts, also behind escapes', () => {
    const brackets = '['.repeat(2 * maxNesting);
    for (const text of [brackets, `\\"${brackets}`, `\\\\\\"${brackets}`]) expect(isNestedTooDeep(`{"a":"${text}"}`)).toBe(false);
    expect(isNestedTooDeep(`["\\\\",${brackets}`)).toBe(true);
  });
});

describe('mapping texts', () => {
  it('reaches names and values at every level, and leaves digits alone', () => {
    const mapped = mapTexts(parseKeepingDigits('{"a":["a",{"ba":1.0}],"__proto__":"a","n":null}'), (text) => text.replaceAll('a', 'X'));
    expect(JSON.stringify(mapped)).toBe('{"X":["X",{"bX":1.0}],"__proto__":"X","n":null}');
  });
});

it('calls neither lists nor null an object', () => {
  expect([{}, [], null, 'a', 1, undefined].map(isJsonObject)).toEqual([true, false, false, false, false, false]);
});
