import * as v from 'valibot';
import { partObject, partsPrefix, readPartObject, type Snapshot, slicePrefix } from '../contract/objects.ts';
import { type PartLine, statuses } from '../contract/raw.ts';
import { SyncError } from '../errors.ts';
import { readJsonLines } from '../json/json-lines.ts';
import type { Output } from '../output/output.ts';

const nullableText = v.nullable(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const outcomeSchema = v.object({
  project_key: v.string(),
  metric_group_key: v.string(),
  status: v.picklist(statuses),
  http_status: v.nullable(v.number()),
  error_code: nullableText,
  error_message: nullableText,
  attempts: count,
  rate_limited_count: count,
  duration_ms: count,
  extracted_at: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}$/)),
  body: nullableText,
});
const lineSchema = v.pipe(
  outcomeSchema,
  v.check(({ status, body }) => status !== 'succeeded' || body !== null, 'succeeded without a body'),
);

/** A part by its name, `slice-part` in five digits each. */
export type PartName = { readonly name: string; readonly slice: number; readonly part: number };

/** Lists a snapshot's parts, or those of some slices, sorted by name. */
export async function listParts(output: Output, snapshot: Snapshot, slices?: ReadonlySet<number>): Promise<PartName[]> {
  const [only] = slices ?? [];
  // A single slice is the rule where slices are spread: what the others have is then not listed over and over.
  const objects = await output.list(slices?.size === 1 && only !== undefined ? slicePrefix(snapshot, only) : partsPrefix(snapshot));
  const parts = objects.map((object) => readPartObject(snapshot, object)).filter((part) => part !== undefined);
  return slices === undefined ? parts : parts.filter(({ slice }) => slices.has(slice));
}

/** Fetches a part, still compressed. @throws SyncError of kind `output` where it is gone */
export async function fetchPart(output: Output, snapshot: Snapshot, name: string): Promise<Buffer> {
  const object = partObject(snapshot, name);
  const content = await output.get(object);
  if (content === undefined)
    throw new SyncError('output', `output ${output.uri}: ${object} is gone; restore it, nothing may be deleted under raw/`);
  return content;
}

/** Reads the lines of a part one by one. @throws SyncError of kind `output` where it holds something else */
export function* readPart(content: Uint8Array, object: string): Generator<PartLine> {
  for (const line of readJsonLines(content, object)) {
    const parsed = v.safeParse(lineSchema, line);
    if (!parsed.success) {
      throw new SyncError(
        'output',
        `output ${object}: a line is no outcome (${v.getDotPath(parsed.issues[0]) ?? 'not an object'}); something else wrote it: take the snapshot of another instant`,
      );
    }
    yield parsed.output;
  }
}
