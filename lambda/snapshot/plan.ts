import * as v from 'valibot';
import { planObject, type Snapshot, targetsPerSlice } from '../contract/objects.ts';
import { maintainerDetailsModes, type PlanHeader, type PlannedTarget } from '../contract/raw.ts';
import { SyncError } from '../errors.ts';
import { gzipText, streamJsonLines, toJsonLines } from '../json/json-lines.ts';
import type { Output } from '../output/output.ts';
import { compareTargets } from './compare-targets.ts';

/** A hundred consecutive targets of the plan. */
export type Slice = { readonly index: number; readonly targets: readonly PlannedTarget[] };

/** A plan, read slice by slice from its compressed object: memory does not grow with the number of targets. */
export type Plan = {
  readonly header: PlanHeader;
  readonly targetCount: number;
  slices(): AsyncGenerator<Slice>;
};

const headerSchema = v.object({
  format: v.number(),
  scope: v.picklist(['full', 'subset']),
  maintainer_details: v.picklist(maintainerDetailsModes),
  targets: v.array(v.object({ projectKey: v.string(), metricGroupKey: v.string() })),
  started_at: v.string(),
  requests: v.number(),
  rate_limited: v.number(),
});
const targetSchema = v.object({ project_key: v.string(), metric_group_key: v.string(), discovered: v.boolean() });

/** Writes a plan; its targets are sorted and unique. */
export const encodePlan = (header: PlanHeader, targets: readonly PlannedTarget[]): Promise<Buffer> =>
  gzipText(toJsonLines([header, ...targets]));

/**
 * Reads a plan.
 * @param object What the plan is called in messages.
 * @throws SyncError of kind `output` where the object is no plan
 */
export async function readPlan(content: Uint8Array, object: string): Promise<Plan> {
  let header: PlanHeader | undefined;
  let targetCount = -1;
  for await (const line of streamJsonLines(content, object)) {
    targetCount++;
    if (targetCount > 0) continue;
    const parsed = v.safeParse(headerSchema, line);
    if (!parsed.success) break;
    header = parsed.output;
  }
  if (header === undefined) throw notAPlan(object, 'its first line');
  return { header, targetCount, slices: () => readSlices(content, object) };
}

/** Reads a snapshot's plan; undefined where there is none. @throws SyncError of kind `output` */
export async function fetchPlan(output: Output, snapshot: Snapshot): Promise<Plan | undefined> {
  const object = planObject(snapshot);
  const content = await output.get(object);
  return content === undefined ? undefined : readPlan(content, object);
}

/** The error of a snapshot that has a seal and no plan. */
export const planIsGone = (output: Output, snapshot: Snapshot): SyncError =>
  new SyncError(
    'output',
    `output ${output.uri}: ${planObject(snapshot)} is gone, and the seal is there; restore it, nothing may be deleted under raw/`,
  );

async function* readSlices(content: Uint8Array, object: string): AsyncGenerator<Slice> {
  let index = 0;
  let targets: PlannedTarget[] = [];
  let isHeader = true;
  let before: PlannedTarget | undefined;
  for await (const line of streamJsonLines(content, object)) {
    if (isHeader) {
      isHeader = false;
      continue;
    }
    const parsed = v.safeParse(targetSchema, line);
    if (!parsed.success) throw notAPlan(object, 'a line');
    // A target that came twice would have two rows of one key.
    if (before !== undefined && compareTargets(before, parsed.output) >= 0) throw notAPlan(object, 'the order of its lines');
    before = parsed.output;
    targets.push(parsed.output);
    if (targets.length < targetsPerSlice) continue;
    yield { index: index++, targets };
    targets = [];
  }
  if (targets.length > 0) yield { index, targets };
}

function notAPlan(object: string, where: string): SyncError {
  const message = `output ${object}: ${where} is not that of a plan; something else wrote it, or it was damaged: take the snapshot of another instant`;
  return new SyncError('output', message);
}
