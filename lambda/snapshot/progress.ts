import { partObject, planObject, type Snapshot } from '../contract/objects.ts';
import { statuses as allStatuses, type PlannedTarget, type Status, targetKey } from '../contract/raw.ts';
import { SyncError } from '../errors.ts';
import type { Output } from '../output/output.ts';
import { prefetch } from '../prefetch.ts';
import { fetchPart, listParts, type PartName, readPart } from './parts.ts';
import { type Plan, sliceSizeOf } from './plan.ts';
import { createTargetStatuses, type TargetStatuses } from './target-statuses.ts';

/** What the parts of a snapshot hold, as far as this run has read or written them. */
export type Progress = {
  readonly statuses: TargetStatuses;
  /** How many targets were settled when this run began. */
  readonly settledBefore: number;
  readonly names: Set<string>;
  /** The next free number of each slice that has parts. */
  readonly nextPart: Map<number, number>;
};

const fetchedAtOnce = 8;

/** How many targets have an outcome. */
export const settledOf = ({ statuses }: Pick<Progress, 'statuses'>): number =>
  allStatuses.reduce((settled, status) => settled + statuses.count(status), 0);

/** How the targets of a slice ended so far, in the plan's order. */
export const statusesOf = (plan: Plan, { statuses }: Pick<Progress, 'statuses'>, slice: number): (Status | undefined)[] =>
  Array.from({ length: sliceSizeOf(plan, slice) }, (_, position) => statuses.get(slice, position));

/** Reads all parts of a snapshot, or of the slices of a narrowed plan: what was answered and written is never asked again. @throws SyncError of kind `output` */
export async function readProgress(output: Output, snapshot: Snapshot, plan: Plan): Promise<Progress> {
  const progress = {
    statuses: createTargetStatuses(plan.targetCount),
    names: new Set<string>(),
    nextPart: new Map<number, number>(),
    settledBefore: 0,
  };
  await readNewParts(output, snapshot, plan, progress);
  return { ...progress, settledBefore: settledOf(progress) };
}

/** Lists the parts again and reads those that others wrote meanwhile. @throws SyncError of kind `output`, also where a part read before is gone */
export async function readNewParts(output: Output, snapshot: Snapshot, plan: Plan, progress: Progress): Promise<void> {
  const listed = await listParts(output, snapshot, plan.narrowedTo);
  const [gone] = progress.names.difference(new Set(listed.map(({ name }) => name)));
  if (gone !== undefined) throw goneMeanwhile(output, partObject(snapshot, gone));
  await recordParts(
    output,
    snapshot,
    plan,
    progress,
    listed.filter(({ name }) => !progress.names.has(name)),
  );
}

/** Fails where the plan that a run follows is no longer there: a seal without it could never be finished. @throws SyncError of kind `output` */
export async function requirePlan(output: Output, snapshot: Snapshot): Promise<void> {
  const object = planObject(snapshot);
  if (!(await output.list(object)).includes(object)) throw goneMeanwhile(output, object);
}

const goneMeanwhile = (output: Output, object: string): SyncError =>
  new SyncError(
    'output',
    `output ${output.uri}: ${object} is gone since this run read or wrote it: nothing may be deleted under raw/; run again, what is missing is asked for again`,
  );

async function recordParts(output: Output, snapshot: Snapshot, plan: Plan, progress: Progress, parts: readonly PartName[]): Promise<void> {
  if (parts.length === 0) return;
  const bySlice = Map.groupBy(parts, ({ slice }) => slice);
  const fetched = prefetch(parts, fetchedAtOnce, async (part) => ({ part, content: await fetchPart(output, snapshot, part.name) }));
  let left = parts.length;
  for await (const { index, targets } of plan.slices()) {
    for (const { name } of bySlice.get(index) ?? []) {
      const { value } = await fetched.next();
      if (value === undefined) throw new Error(`part ${name} was not fetched`);
      await recordPart(snapshot, progress, value.part, targets, value.content);
      left--;
    }
    if (left === 0) return;
  }
}

/** Records the outcomes of one part; the parts of a slice come in the order of their numbers. @throws SyncError of kind `output` */
export async function recordPart(
  snapshot: Snapshot,
  { statuses, names, nextPart }: Progress,
  { name, slice, part }: PartName,
  targets: readonly PlannedTarget[],
  content: Uint8Array,
): Promise<void> {
  const positions = new Map(targets.map((target, position) => [targetKey(target), position]));
  for (const line of readPart(content, partObject(snapshot, name))) {
    const position = positions.get(targetKey(line));
    if (position !== undefined) statuses.record(slice, position, line.status);
  }
  names.add(name);
  nextPart.set(slice, Math.max(nextPart.get(slice) ?? 0, part + 1));
}
