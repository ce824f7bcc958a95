import * as v from 'valibot';
import { planObject, type Snapshot, targetsPerSlice } from '../contract/objects.ts';
import { maintainerDetailsModes, type PlanHeader, type PlannedTarget, type Target } from '../contract/raw.ts';
import { SyncError } from '../errors.ts';
import { gzipTexts, streamJsonLines, toJsonLines } from '../json/json-lines.ts';
import type { Output } from '../output/output.ts';
import { compareTargets } from './compare-targets.ts';

/** A hundred consecutive targets of the plan. */
export type Slice = { readonly index: number; readonly targets: readonly PlannedTarget[] };

/** A plan, read slice by slice from its compressed object: memory does not grow with the number of targets. */
export type Plan = {
  /** Without the list that the targets were resolved from, which may be as long. */
  readonly header: Omit<PlanHeader, 'targets'>;
  readonly targetCount: number;
  /** The slices that it was narrowed to; undefined: all. */
  readonly narrowedTo?: ReadonlySet<number>;
  slices(): AsyncGenerator<Slice>;
  /** The list that the targets were resolved from, read anew. */
  readGivenTargets(): Promise<readonly Target[]>;
  /** The same plan, of which only some slices are read. */
  narrow(slices: ReadonlySet<number>): Plan;
};

/** How many slices a plan has. */
export const sliceCountOf = ({ targetCount }: Pick<Plan, 'targetCount'>): number => Math.ceil(targetCount / targetsPerSlice);

/** How many targets a slice of a plan has. */
export const sliceSizeOf = ({ targetCount }: Pick<Plan, 'targetCount'>, slice: number): number =>
  Math.max(0, Math.min(targetsPerSlice, targetCount - slice * targetsPerSlice));

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
export function encodePlan(header: PlanHeader, targets: readonly PlannedTarget[]): Promise<Buffer> {
  return gzipTexts(texts());

  function* texts(): Generator<string> {
    yield* headerTexts(header);
    yield* toJsonLines(targets);
  }
}

/** The first line piece by piece: as one text it might be longer than all the rest. */
function* headerTexts(header: PlanHeader): Generator<string> {
  const [before, after] = JSON.stringify({ ...header, targets: [] }).split('[]');
  yield `${before}[`;
  let separator = '';
  for (const target of header.targets) {
    yield separator + JSON.stringify(target);
    separator = ',';
  }
  yield `]${after}\n`;
}

/**
 * Reads a plan.
 * @param object What the plan is called in messages.
 * @throws SyncError of kind `output` where the object is no plan
 */
export async function readPlan(content: Uint8Array, object: string): Promise<Plan> {
  let header: PlanHeader | undefined;
  let targetCount = -1;
  for await (const lines of streamJsonLines(content, object, (line) => line === 0)) {
    targetCount += lines.length;
    if (header !== undefined) continue;
    const parsed = v.safeParse(headerSchema, lines[0]);
    if (!parsed.success) break;
    header = parsed.output;
  }
  if (header === undefined) throw notAPlan(object, 'its first line');
  // Lists that stand for nothing are refused before there is a plan.
  if (targetCount === 0) throw notAPlan(object, 'its last line');
  return planOf(header, targetCount, content, object);
}

/** The plan of an object whose header and number of targets are known; the list that is in the header is let go. */
export function planOf({ targets: _, ...header }: PlanHeader, targetCount: number, content: Uint8Array, object: string): Plan {
  const plan: Plan = {
    header,
    targetCount,
    slices: () => readSlices(content, object),
    readGivenTargets: () => readGivenTargets(content, object),
    narrow: (slices) => ({ ...plan, narrowedTo: slices, slices: () => readSlices(content, object, slices) }),
  };
  return plan;
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

async function readGivenTargets(content: Uint8Array, object: string): Promise<readonly Target[]> {
  for await (const [line] of streamJsonLines(content, object, (line) => line === 0)) return v.parse(headerSchema, line).targets;
  throw notAPlan(object, 'its first line');
}

async function* readSlices(content: Uint8Array, object: string, only?: ReadonlySet<number>): AsyncGenerator<Slice> {
  const sliceOf = (line: number): number => Math.floor((line - 1) / targetsPerSlice);
  const isWanted = (line: number): boolean => line > 0 && (only === undefined || only.has(sliceOf(line)));
  const last = only === undefined ? Number.POSITIVE_INFINITY : [...only].reduce((a, b) => Math.max(a, b), 0);
  let index = 0;
  let line = 0;
  let targets: PlannedTarget[] = [];
  let before: PlannedTarget | undefined;
  for await (const values of streamJsonLines(content, object, isWanted)) {
    for (const value of values) {
      const slice = sliceOf(line++);
      if (slice > last) return;
      if (value === undefined) continue;
      const parsed = v.safeParse(targetSchema, value);
      if (!parsed.success) throw notAPlan(object, 'a line');
      index = slice;
      // A target that came twice would have two rows of one key.
      if (before !== undefined && compareTargets(before, parsed.output) >= 0) throw notAPlan(object, 'the order of its lines');
      before = parsed.output;
      targets.push(parsed.output);
      if (targets.length < targetsPerSlice) continue;
      yield { index, targets };
      targets = [];
    }
  }
  if (targets.length > 0) yield { index, targets };
}

function notAPlan(object: string, where: string): SyncError {
  const message = `output ${object}: ${where} is not that of a plan; something else wrote it, or it was damaged: take the snapshot of another instant`;
  return new SyncError('output', message);
}
