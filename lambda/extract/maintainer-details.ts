import { hash } from 'node:crypto';
import type { MaintainerDetails } from '../contract/raw.ts';
import { isJsonObject, type JsonObject, parseKeepingDigits } from '../json/json-text.ts';
import { type Fields, maintainerFields, memberFields, teamFields } from '../metric-group-fields.ts';

const details = new Set(['email', 'firstName', 'lastName']);
const fieldsOf: Readonly<Record<string, Fields>> = { _member: memberFields, member: memberFields, _team: teamFields, team: teamFields };

/**
 * Rewrites a valid answer so that it holds no more of a maintainer than `MAINTAINER_DETAILS` allows, with every number's digits as received.
 * Written anew even where nothing changes: a repeated `maintainer` would survive in the text.
 */
export function applyMaintainerDetails(body: string, answer: JsonObject, mode: Exclude<MaintainerDetails, 'keep'>): string {
  const members = Object.entries(parseKeepingDigits(body) as JsonObject).flatMap(([name, value]) => {
    if (name !== 'maintainer') return [[name, value]];
    const { maintainer } = answer;
    return isJsonObject(maintainer) ? [[name, reduceFields(maintainer, maintainerFields, mode)]] : [];
  });
  return JSON.stringify(Object.fromEntries(members));
}

/** Keeps the known fields of the right type, details changed; what is not documented might hold them as well. */
function reduceFields(object: JsonObject, fields: Fields, mode: 'hash' | 'omit'): JsonObject {
  const kept = Object.entries(object).flatMap(([name, value]) => {
    if (name === '_links') return isLinks(value) ? [[name, value]] : [];
    if (!Object.hasOwn(fields, name)) return [];
    if (value === null) return [[name, value]];
    if (fields[name]?.(value) === undefined) return [];
    if (details.has(name)) return mode === 'omit' ? [] : [[name, hashDetail(String(value))]];
    const below = fieldsOf[name];
    return [[name, below === undefined ? value : reduceFields(value as JsonObject, below, mode)]];
  });
  return Object.fromEntries(kept);
}

/** Hex SHA-256 of the trimmed, lower-cased value: the same person has the same hash, however the name is typed. */
const hashDetail = (value: string): string => hash('sha256', value.trim().toLowerCase(), 'hex');

/** Whether `_links` is what the API documents: paths on LaunchDarkly. */
const isLinks = (value: unknown): boolean =>
  isJsonObject(value) &&
  Object.values(value).every(
    (link) =>
      isJsonObject(link) &&
      typeof link['href'] === 'string' &&
      link['href'].startsWith('/') &&
      (link['type'] === undefined || typeof link['type'] === 'string') &&
      Object.keys(link).every((name) => name === 'href' || name === 'type'),
  );
