import * as v from 'valibot';
import type { JsonObject } from './json/json-text.ts';
import { readInstantMs, readInteger } from './metric-group-fields.ts';

const text = v.string('a string');
const instant = v.custom((value) => readInstantMs(value) !== undefined, 'an instant in milliseconds');
const integer = v.custom((value) => readInteger(value) !== undefined, 'a 32-bit whole number');

// Only what the contract requires: every other field is optional and read, or kept as unknown, by the flattening. The answer itself stays the
// source of the rows (valibot's output would lose keys such as `constructor`).
const metricSchema = v.object({ key: text, name: text, kind: text }, 'an object');
const experimentSchema = v.object({ key: text, name: text, environmentId: text, environmentKey: text, creationDate: instant }, 'an object');
const metricGroupSchema = v.object(
  {
    _id: text,
    key: text,
    name: text,
    kind: text,
    tags: v.array(text, 'a list of strings'),
    _creationDate: instant,
    _lastModified: instant,
    _version: integer,
    metrics: v.array(metricSchema, 'a list of objects'),
    experiments: v.nullish(v.array(experimentSchema, 'a list of objects')),
  },
  'an object',
);

/** What makes an answer unusable: where, what is needed there, and what was got. */
export type MetricGroupProblem = { readonly path: string; readonly needed: string; readonly got: unknown };

/** Checks that an answer of the single GET has the required fields of the right types; undefined when it has. */
export function findProblem(answer: unknown): MetricGroupProblem | undefined {
  const [issue] = v.safeParse(metricGroupSchema, Array.isArray(answer) ? 'a list' : answer, { abortEarly: true }).issues ?? [];
  if (issue === undefined) return undefined;
  const steps = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return {
    path: `$${steps.join('')}`,
    needed: issue.message,
    got: Array.isArray(answer) ? answer : issue.input,
  };
}

/** An answer that `findProblem` found nothing in. */
export type MetricGroup = JsonObject & { readonly metrics: readonly JsonObject[]; readonly experiments?: readonly JsonObject[] | null };
