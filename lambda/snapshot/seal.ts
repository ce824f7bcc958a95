import * as v from 'valibot';
import { type Snapshot, sealObject } from '../contract/objects.ts';
import type { Seal } from '../contract/raw.ts';
import { SyncError } from '../errors.ts';
import { gzipTexts, readJsonLines, toJsonLines } from '../json/json-lines.ts';
import type { Output } from '../output/output.ts';

const sealSchema = v.object({
  format: v.number(),
  parts: v.array(v.pipe(v.string(), v.regex(/^\d{5}-\d{5}$/))),
  run_id: v.string(),
  finished_at: v.string(),
  code_version: v.string(),
});

/** Reads a snapshot's seal; undefined where there is none. @throws SyncError of kind `output` */
export async function readSeal(output: Output, snapshot: Snapshot): Promise<Seal | undefined> {
  const object = sealObject(snapshot);
  const content = await output.get(object);
  if (content === undefined) return undefined;
  for (const line of readJsonLines(content, object)) {
    const parsed = v.safeParse(sealSchema, line);
    if (parsed.success) return parsed.output;
  }
  throw new SyncError('output', `output ${object}: holds no seal; something else wrote it: take the snapshot of another instant`);
}

/** Writes a seal, or reads the one that another run wrote first. @throws SyncError of kind `output` */
export async function createSeal(output: Output, snapshot: Snapshot, seal: Seal): Promise<Seal> {
  const result = await output.create(sealObject(snapshot), await gzipTexts(toJsonLines([seal])));
  if (result === 'created') return seal;
  const other = await readSeal(output, snapshot);
  if (other === undefined)
    throw new SyncError('output', `output ${output.uri}: ${sealObject(snapshot)} was there and is gone: nothing may be deleted under raw/`);
  return other;
}
