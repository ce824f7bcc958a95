import { partObject, type Snapshot } from '../contract/objects.ts';
import type { Output } from '../output/output.ts';
import { prefetch } from '../prefetch.ts';
import { fetchPart, listParts, type PartName, readPart } from './parts.ts';
import type { Plan } from './plan.ts';
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

/** Reads all parts of a snapshot: what was answered and written is never asked again. @throws SyncError of kind `output` */
export async function readProgress(output: Output, snapshot: Snapshot, plan: Plan): Promise<Progress> {
  const progress = {
    statuses: createTargetStatuses(plan.targetCount),
    names: new Set<string>(),
    nextPart: new Map<number, number>(),
    settledBefore: 0,
  };
  await readNewParts(output, snapshot, plan, progress);
  return { ...progress, settledBefore: plan.targetCount - progress.statuses.count(undefined) };
}

/** Lists the parts again and reads those that others wrote meanwhile. @throws SyncError of kind `output` */
export async function readNewParts(output: Output, snapshot: Snapshot, plan: Plan, progress: Progress): Promise<void> {
  const listed = await listParts(output, snapshot);
  await recordParts(
    output,
    snapshot,
    plan,
    progress,
    listed.filter(({ name }) => !progress.names.has(name)),
  );
}

/** Records the outcomes that some parts hold, in the order of their names. @throws SyncError of kind `output` */
export async function recordParts(
  output: Output,
  snapshot: Snapshot,
  plan: Plan,
  progress: Progress,
  parts: readonly PartName[],
): Promise<void> {
  if (parts.length === 0) return;
  const bySlice = Map.groupBy(parts, ({ slice }) => slice);
  const contents = prefetch(parts, fetchedAtOnce, ({ name }) => fetchPart(output, snapshot, name));
  let left = parts.length;
  for await (const { index, targets } of plan.slices()) {
    const wanted = bySlice.get(index);
    if (wanted === undefined) continue;
    const positions = new Map(
      targets.map(({ project_key, metric_group_key }, position) => [JSON.stringify([project_key, metric_group_key]), position]),
    );
    for (const { name, part } of wanted) {
      const { value: content } = await contents.next();
      if (content === undefined) throw new Error(`part ${name} was not fetched`);
      for await (const { project_key, metric_group_key, status } of readPart(content, partObject(snapshot, name))) {
        const position = positions.get(JSON.stringify([project_key, metric_group_key]));
        if (position !== undefined) progress.statuses.record(index, position, status);
      }
      progress.names.add(name);
      progress.nextPart.set(index, Math.max(progress.nextPart.get(index) ?? 0, part + 1));
      left--;
    }
    if (left === 0) return;
  }
}
