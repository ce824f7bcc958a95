import { nestedJson, type OddBody, type Verdict, withMember } from './odd-group.ts';
import { invalidBodies } from './odd-invalid.ts';
import { validBodies } from './odd-valid.ts';

export type { OddBody } from './odd-group.ts';

/** Odd answers of the single GET for the group key `odd`, each with what the contract makes of it. */
export const oddBodies: readonly OddBody[] = [...listBodies(validBodies, 'succeeded'), ...listBodies(invalidBodies, 'invalid')];

/** Bodies of a 200 that are no JSON at all: `invalid`, but only after all attempts. */
export const notJsonBodies: readonly { readonly name: string; readonly body: string }[] = [
  { name: 'nothing', body: '' },
  { name: 'white space', body: ' \n' },
  { name: 'half an object', body: '{"_id":"bc3e5be1","key":"od' },
  { name: 'two objects', body: '{}{}' },
  { name: 'a page', body: '<!doctype html><title>Please sign in</title>' },
  { name: 'NaN', body: '{"_version":NaN}' },
  { name: 'a comma too many', body: '{"key":"odd",}' },
  { name: 'single quotes', body: "{'key':'odd'}" },
  { name: 'a raw newline in a string', body: '{"key":"o\ndd"}' },
  { name: 'undefined', body: 'undefined' },
];

/** The plain group `odd` with an unknown field nested as deep as told. */
export function nestedBody(depth: number): string {
  return withMember(`"zDeep":${nestedJson(depth)}`);
}

/** The plain group `odd`, valid but for its size in bytes; the contract allows 16 MiB. */
export function sizedBody(bytes: number): string {
  const empty = withMember('"zPad":""');
  return withMember(`"zPad":"${'x'.repeat(bytes - empty.length)}"`);
}

function listBodies(bodies: Readonly<Record<string, string>>, expected: Verdict): OddBody[] {
  return Object.entries(bodies).map(([name, body]) => ({ name, body, expected }));
}
