import { SyncError } from '../errors.ts';
import { finishSnapshot } from '../finish-snapshot.ts';
import { sealSnapshot } from '../seal-snapshot.ts';
import { describeSlices } from '../slice-ranges.ts';
import { type Plan, sliceCountOf } from '../snapshot/plan.ts';
import { type Progress, readProgress, settledOf, statusesOf } from '../snapshot/progress.ts';
import { readSnapshotState } from '../snapshot-state.ts';
import type { PublishJob, SyncResult } from '../sync-job.ts';
import { noPlan } from './no-plan.ts';

/**
 * The last of three steps: reads what was extracted, seals or refuses, loads and commits. It asks LaunchDarkly nothing. Safe to kill, to
 * repeat and to run twice at once.
 * @throws SyncError whose kind tells who must act; nothing is published then
 */
export async function publishExtracted(job: PublishJob): Promise<SyncResult> {
  const found = await readSnapshotState(job);
  if (found.kind === 'published') return { row: found.commit, alreadyPublished: true };
  if (found.kind === 'sealed') return finishSnapshot(job, found.plan, found.seal, false);
  const { plan } = found;
  if (plan === undefined) throw noPlan(job.snapshot);
  const progress = await readProgress(job.output, job.snapshot, plan);
  const seal = await sealSnapshot(job, plan, progress, whatIsMissing(plan, progress));
  return finishSnapshot(job, plan, seal, seal.run_id === job.runId);
}

/** Why a snapshot cannot be sealed as far as it was read; it is looked at once more, as parts may be written meanwhile. */
function whatIsMissing(plan: Plan, progress: Progress): SyncError | undefined {
  if (settledOf(progress) === plan.targetCount) return undefined;
  const slices = Array.from({ length: sliceCountOf(plan) }, (_, slice) => slice).filter((slice) =>
    statusesOf(plan, progress, slice).includes(undefined),
  );
  return new SyncError('not_published', `not every target has an outcome: extract slices ${describeSlices(slices)} first`);
}
