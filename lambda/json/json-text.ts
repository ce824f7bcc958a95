import { compareUtf8 } from './utf8-order.ts';

// In V8 since Node 21 (JSON.parse source text access), not yet in TypeScript's library.
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): value is { readonly rawJSON: string };
};

/** A JSON object as parsed: any field may be missing or of any type. */
export type JsonObject = { readonly [name: string]: unknown };

/** Whether a parsed JSON value is an object, neither a list nor null. */
export const isJsonObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * How many levels of objects and lists an answer may have. Readers of the stored text have limits of their own: Python's json ends
 * near 1,000, Jackson (Trino, Athena) at 1,000; the recursion below stays well inside the stack.
 */
export const maxNesting = 500;

/** Whether a JSON text has more levels than `maxNesting`; looks at brackets alone, so it is safe on any text. */
export function isNestedTooDeep(text: string): boolean {
  // Most answers have fewer brackets than that: counting them is many times faster than following them.
  if (countUpTo(text, '{', maxNesting) + countUpTo(text, '[', maxNesting) <= maxNesting) return false;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxNesting) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}

function countUpTo(text: string, character: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(character); at !== -1 && count <= most; at = text.indexOf(character, at + 1)) count++;
  return count;
}

/** Parses JSON with every number kept as the digits received, for `JSON.stringify` and `canonicalJson` to write back. */
export function parseKeepingDigits(text: string): unknown {
  return json.parse(text, (_key, value, { source }) => (typeof value === 'number' && source !== undefined ? json.rawJSON(source) : value));
}

/** Writes a value of `parseKeepingDigits` with keys sorted at every level, no white space, and lone surrogates as U+FFFD. */
export function canonicalJson(value: unknown): string {
  if (json.isRawJSON(value)) return value.rawJSON;
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed());
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = new Map(Object.entries(value).map(([name, member]) => [name.toWellFormed(), member]));
  const names = [...members.keys()].sort(compareUtf8);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(members.get(name))}`).join(',')}}`;
}

/** Replaces every text in a value of `parseKeepingDigits`, names of fields included. */
export function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (json.isRawJSON(value) || !isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [map(name), mapTexts(member, map)]));
}
