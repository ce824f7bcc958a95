import { earliestInstantMs, latestInstantMs } from './contract/instants.ts';
import { isJsonObject, type JsonObject } from './json/json-text.ts';

/** Reads a value of one type; undefined for a value of another. */
export type Reader<T> = (value: unknown) => T | undefined;
/** Reads a text as tables hold it: lone surrogates become U+FFFD. */
export const readText: Reader<string> = (value) => (typeof value === 'string' ? value.toWellFormed() : undefined);
/** Reads a boolean. */
export const readBoolean: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
/** Reads a list of texts. */
export const readTexts: Reader<readonly string[]> = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value.map((item: string) => item.toWellFormed()) : undefined;

/** Reads an int: a number with an integral value within 32 bits; undefined for anything else. */
export function readInteger(value: unknown): number | undefined {
  // `| 0` is the identity on 32-bit integers alone; it also makes -0 a 0.
  return typeof value === 'number' && (value | 0) === value ? value | 0 : undefined;
}

/** Reads an instant as Unix milliseconds: an integral number, or a string of digits, within the years 0001–9999; undefined for anything else. */
export function readInstantMs(value: unknown): number | undefined {
  const ms = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof ms === 'number' && Number.isInteger(ms) && ms >= earliestInstantMs && ms <= latestInstantMs ? ms : undefined;
}

const readObject: Reader<JsonObject> = (value) => (isJsonObject(value) ? value : undefined);

/** Every field below `maintainer`, in both shapes of the API: with `MAINTAINER_DETAILS` other than `keep`, no other is stored. */
export const maintainerFields = {
  key: readText,
  kind: readText,
  _member: readObject,
  _team: readObject,
  member: readObject,
  team: readObject,
};
/** Every field of a maintaining member. */
export const memberFields = { _id: readText, email: readText, role: readText, firstName: readText, lastName: readText };
/** Every field of a maintaining team. */
export const teamFields = { key: readText, name: readText, customRoleKeys: readTexts };

/** The known fields of an object, each with its reader. */
export type Fields = Readonly<Record<string, Reader<unknown>>>;
/** What a `FieldReader` makes of an object; null where a field is absent, null or of another type. */
export type Values<F extends Fields> = { readonly [K in keyof F]: Exclude<ReturnType<F[K]>, undefined> | null };

/** Known at every level, and no data for analysts: links, and the permissions of whoever asked. */
const leftOut = new Set(['_links', '_access']);

/** Reads an object field by field; `odd` names the fields whose value is of another type than documented, and those that are not known. */
export type FieldReader<F extends Fields> = (object: JsonObject) => { readonly values: Values<F>; readonly odd: readonly string[] };

/**
 * Makes the reader of one kind of object: absent and null alike are null, and so is a value of another type than documented.
 * It goes through what an object has, and copies a row of nulls for what it lacks: objects built field by field cost several times as much.
 */
export function createFieldReader<F extends Fields>(fields: F): FieldReader<F> {
  const readers = new Map(Object.entries(fields));
  const nulls = Object.fromEntries([...readers.keys()].map((name) => [name, null])) as Record<string, unknown>;
  return (object) => {
    const values = { ...nulls };
    const odd: string[] = [];
    for (const name in object) {
      const value = object[name];
      const read = readers.get(name);
      if (read === undefined ? leftOut.has(name) : value === null) continue;
      const got = read?.(value);
      if (got === undefined) odd.push(name);
      else values[name] = got;
    }
    return { values: values as Values<F>, odd };
  };
}
