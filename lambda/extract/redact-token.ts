import { isNestedTooDeep, mapTexts, parseKeepingDigits } from '../json/json-text.ts';

const redacted = '[access token]';

/** Takes the access token out of texts that somebody else wrote. */
export type RedactToken = {
  /** Out of a message or header. */
  text(text: string): string;
  /** Out of an answer's body, also where JSON escapes hide it from a search of the text. */
  body(body: string): string;
};

/** Makes the redaction for one token. */
export function createTokenRedaction(token: string): RedactToken {
  const text = (source: string): string => (source.includes(token) ? source.replaceAll(token, redacted) : source);
  /** Also where it is escaped more than once, as in JSON within a text of JSON. */
  const isHidden = (source: string): boolean => {
    const unescaped = withoutEscapes(source);
    return unescaped.includes(token) || (unescaped !== source && isHidden(unescaped));
  };
  const body = (source: string): string => {
    const plain = text(source);
    if (!plain.includes('\\') || !isHidden(plain)) return plain;
    try {
      if (!isNestedTooDeep(plain)) return JSON.stringify(mapTexts(parseKeepingDigits(plain), body));
    } catch {
      // Not JSON: the escapes mean nothing, and the text goes whole.
    }
    return redacted;
  };
  return { text, body };
}

const withoutEscapes = (source: string): string =>
  source.replaceAll(/\\(?:u([0-9a-f]{4})|(["\\/]))/gi, (_escape, hex: string | undefined, character: string) =>
    hex === undefined ? character : String.fromCharCode(Number.parseInt(hex, 16)),
  );
