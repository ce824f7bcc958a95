import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenRedaction } from '../../lambda/extract/redact-token.ts';

const token = 'api-5f1e/a"b\\c-0123';
const plain = 'api-00000000-1111-2222-3333-444444444444';
const redact = createTokenRedaction(plain);
const escaped = (text: string): string => [...text].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const hidesToken = (body: string, of: string): boolean => {
  const texts: string[] = [body];
  try {
    JSON.parse(body, (name, value) => {
      texts.push(name, String(value));
      return value;
    });
  } catch {
    // Not JSON.
  }
  return texts.every((text) => !text.includes(of));
};

describe('the access token', () => {
  it('is taken out of a message, as often as it stands there', () => {
    expect(redact.text(`got ${plain}, not ${plain}.`)).toBe('got [access token], not [access token].');
    expect(redact.text('nothing to hide')).toBe('nothing to hide');
  });

  it('is taken out of a body as plain text, and nothing else is touched', () => {
    expect(redact.body(` {"a":1.0,"message":"bad ${plain}"} `)).toBe(' {"a":1.0,"message":"bad [access token]"} ');
    expect(redact.body(`<p>${plain}</p>`)).toBe('<p>[access token]</p>');
    const untouched = ' {"a":"\\u0061\\n\\/","b":1E2,"b":-0} ';
    expect(redact.body(untouched)).toBe(untouched);
  });

  it.each([
    ['lower-case escapes', escaped(plain)],
    ['upper-case escapes', escaped(plain).replaceAll(/\\u(....)/g, (_escape, hex: string) => `\\u${hex.toUpperCase()}`)],
    ['a single escape', plain.replace('a', '\\u0061')],
    ['escaped and plain side by side', `${plain} ${escaped(plain)}`],
  ])('is taken out of JSON behind %s, in values and keys, digits as received', (_case, hidden) => {
    const body = redact.body(`{"${hidden}":1.0,"list":["x ${hidden} y",{"z":-0}]}`);
    expect(hidesToken(body, plain)).toBe(true);
    expect(body).toContain('"[access token]');
    expect(body).toContain('1.0');
    expect(body).toContain('-0');
    expect(Object.keys(JSON.parse(body))).toHaveLength(2);
  });

  it('is hidden with the whole text where escapes stand in something that is not JSON', () => {
    expect(redact.body(`oops ${escaped(plain)}`)).toBe('[access token]');
    expect(redact.body(`${'['.repeat(2000)}"${escaped(plain)}"`)).toBe('[access token]');
  });

  it('is found whatever characters it has', () => {
    const odd = createTokenRedaction(token);
    for (const body of [
      JSON.stringify({ message: token }),
      JSON.stringify({ message: token }).replaceAll('/', '\\/'),
      `{"message":"${escaped(token)}"}`,
      JSON.stringify({ [token]: [token] }),
      `{"message":"api-5f1e\\/a\\u0022b\\\\c-0123"}`,
    ]) {
      expect(hidesToken(body, token)).toBe(false);
      expect(hidesToken(odd.body(body), token)).toBe(true);
    }
  });

  it('keeps fields named like members of Object.prototype on the way', () => {
    expect(redact.body(`{"__proto__":{"a":1.0},"m":"${escaped(plain)}"}`)).toBe('{"__proto__":{"a":1.0},"m":"[access token]"}');
  });

  it('is found in any JSON, however its characters are written', () => {
    const writtenUnit = (unit: string) =>
      fc.constantFrom(unit, ...(unit === '/' ? ['\\/'] : []), `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const written = fc.tuple(...[...plain].map(writtenUnit)).map((units) => units.join(''));
    const around = fc.string({ unit: fc.constantFrom('a', '\\\\', '\\"', '\\n', '\\u0061', '/', 'é'), maxLength: 4 });
    const text = fc.tuple(around, written, around).map((parts) => `"${parts.join('')}"`);
    const value = fc.oneof(text, fc.constantFrom('1.0', 'null', '[]'));
    const body = fc.array(fc.tuple(fc.oneof(text, fc.constant('"a"')), value), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(body, (members) => {
        const json = `{${members.map(([name, member]) => `${name}:[${member}]`).join(',')}}`;
        const redacted = redact.body(json);
        expect(hidesToken(redacted, plain)).toBe(true);
        JSON.parse(redacted);
      }),
    );
  });
});
