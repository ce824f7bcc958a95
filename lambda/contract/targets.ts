import * as v from 'valibot';
import { SyncError } from '../errors.ts';
import { isNestedTooDeep, maxNesting } from '../json/json-text.ts';
import { maxSlices, targetsPerSlice } from './objects.ts';
import type { Target } from './raw.ts';

/** Stands for every metric group of a project. */
export const everyGroup = '*';

/** How many targets a plan can hold: five digits of slices. */
export const maxTargets = maxSlices * targetsPerSlice;

const keyRule = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,256}$/;

/** Whether a text is a key LaunchDarkly can have given: `[A-Za-z0-9._-]{1,256}`, not `.` or `..`. */
export const isKey = (text: string): boolean => keyRule.test(text);

const keyMessage = 'must be 1 to 256 letters, digits, ".", "_" or "-" (and neither "." nor "..")';
const targetSchema = v.strictObject({
  projectKey: v.pipe(v.string('must be a string'), v.check(isKey, keyMessage)),
  metricGroupKey: v.pipe(
    v.string('must be a string'),
    v.check((key) => key === everyGroup || isKey(key), `${keyMessage}, or "*" for every metric group of the project`),
  ),
});

/**
 * Reads a list of targets from JSON text.
 * @param source What the list is called in messages: a path, a URI, or the event.
 * @throws SyncError of kind `configuration` that names each wrong entry, the value got and the rule.
 */
export function parseTargets(text: string, source: string): Target[] {
  let json: unknown;
  if (isNestedTooDeep(text))
    throw new SyncError('configuration', `targets ${source}: nested deeper than ${maxNesting} levels; ${expected}`);
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new SyncError('configuration', `targets ${source}: not JSON (${(error as Error).message}); ${expected}`, { cause: error });
  }
  return validateTargets(json, source);
}

/**
 * Validates a list of targets that is already parsed.
 * @throws SyncError of kind `configuration` that names each wrong entry, the value got and the rule.
 */
export function validateTargets(json: unknown, source: string): Target[] {
  if (!Array.isArray(json)) {
    throw new SyncError('configuration', `targets ${source}: got ${excerpt(json)}; ${expected}`);
  }
  if (json.length === 0) throw new SyncError('configuration', `targets ${source}: the list is empty; ${expected}`);
  const problems = json.flatMap((entry, index) => describeEntry(entry, index));
  if (problems.length > 0) {
    throw new SyncError('configuration', [`targets ${source}: ${expected}`, ...problems].join('\n  '));
  }
  // As they are: nothing but the two keys is left by now, and a copy of a long list would be in memory for as long as the list.
  return json as Target[];
}

const expected = 'a list such as [{"projectKey": "storefront", "metricGroupKey": "checkout-funnel"}] is needed';

function describeEntry(entry: unknown, index: number): string[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return [`[${index}] is ${excerpt(entry)}, not an object`];
  const result = v.safeParse(targetSchema, entry);
  // A misspelt property is reported by name; valibot counts it as one issue beside those of the known ones.
  return (result.issues ?? []).map((issue) => {
    const name = String(issue.path?.[0].key ?? '');
    if (issue.expected === 'never') return `[${index}] has an unknown property ${excerpt(name)}`;
    if (issue.received === 'undefined') return `[${index}] has no ${name}`;
    return `[${index}].${name} is ${excerpt(issue.input)}; it ${issue.message}`;
  });
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
