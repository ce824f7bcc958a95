/** Milliseconds of the first and the last instant of the years 0001–9999, the range of every timestamp column. */
export const earliestInstantMs = -62_135_596_800_000;
export const latestInstantMs = 253_402_300_799_999;

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/**
 * Writes an instant (Unix milliseconds within the years 0001–9999) the way tables do: `YYYY-MM-DD HH:MM:SS.SSS`, UTC.
 * @throws RangeError for what is no instant
 */
export function formatInstant(ms: number): string {
  // By its parts: `toISOString` takes twice as long, and every row has several instants.
  const instant = new Date(ms);
  if (Number.isNaN(instant.getTime())) throw new RangeError(`${ms} ms is no instant`);
  const date = `${String(instant.getUTCFullYear()).padStart(4, '0')}-${twoDigits[instant.getUTCMonth() + 1]}-${twoDigits[instant.getUTCDate()]}`;
  const time = `${twoDigits[instant.getUTCHours()]}:${twoDigits[instant.getUTCMinutes()]}:${twoDigits[instant.getUTCSeconds()]}`;
  return `${date} ${time}.${String(instant.getUTCMilliseconds()).padStart(3, '0')}`;
}

/** Writes an instant (Unix milliseconds) for people, events and `--snapshot-time`: RFC 3339 in UTC, to the second. */
export const toRfc3339 = (ms: number): string => `${formatInstant(ms).slice(0, 19).replace(' ', 'T')}Z`;

const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.0+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Reads an RFC 3339 instant with a zone and whole seconds as Unix milliseconds; undefined where the text is none. */
export function parseInstant(text: string): number | undefined {
  const [, date, time, zone] = rfc3339.exec(text) ?? [];
  if (date === undefined || time === undefined || zone === undefined) return undefined;
  const asIfUtc = Date.parse(`${date}T${time}.000Z`);
  // Date.parse rolls 30 February over to March: a date that does not come back as written does not exist.
  if (Number.isNaN(asIfUtc) || new Date(asIfUtc).toISOString() !== `${date}T${time}.000Z`) return undefined;
  const ms = Date.parse(`${date}T${time}.000${zone.toUpperCase()}`);
  return Number.isNaN(ms) || ms < earliestInstantMs || ms > latestInstantMs ? undefined : ms;
}

/** Reads a date, `YYYY-MM-DD`, as Unix milliseconds of its midnight in UTC; undefined where there is no such date. */
export const parseDate = (text: string): number | undefined => parseInstant(`${text}T00:00:00Z`);
