import { type Column, type GroupTableName, tables } from '../../lambda/contract/tables.ts';

const isText = (value: unknown): boolean => typeof value === 'string' && value.isWellFormed();
const isWithin = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most && !Object.is(value, -0);

/** What the contract says of a column type, written a second time: the code under test is not asked. */
const typeChecks: Readonly<Record<Column['type'], (value: unknown) => boolean>> = {
  string: isText,
  int: (value) => isWithin(value, -(2 ** 31), 2 ** 31 - 1),
  bigint: (value) => isWithin(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) => {
    const [, date, year, time] = /^((\d{4})-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3})$/.exec(String(value)) ?? [];
    if (typeof value !== 'string' || date === undefined || year === '0000') return false;
    const ms = Date.parse(`${date}T${time}Z`);
    return !Number.isNaN(ms) && new Date(ms).toISOString() === `${date}T${time}Z`;
  },
  'array<string>': (value) => Array.isArray(value) && value.every(isText),
};

/** Tells, a line each, where a row is not what the contract's columns say: names, order, types, nulls. */
export function describeMismatches(row: object, columns: readonly Column[]): string[] {
  const names = Object.keys(row).join();
  const wanted = columns.map(({ name }) => name).join();
  if (names !== wanted) return [`columns are ${names}, not ${wanted}`];
  return columns.flatMap(({ name, type, nullable }) => {
    const value = (row as Record<string, unknown>)[name];
    const isRight = value === null ? nullable : typeChecks[type](value);
    return isRight ? [] : [`${name} is ${JSON.stringify(value)}, not ${nullable ? 'null or ' : ''}${type}`];
  });
}

/** The same for the own columns of a table whose rows come from a metric group, as the flattening makes them. */
export const describeOwnMismatches = (table: GroupTableName, row: object): string[] => describeMismatches(row, tables[table].ownColumns);
