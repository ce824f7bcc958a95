import { formatInstant } from './contract/instants.ts';
import { format, type Seal } from './contract/raw.ts';
import { describeStop } from './describe-stop.ts';
import { SyncError } from './errors.ts';
import { findPreviousFullCommit } from './load/commit-store.ts';
import type { Plan } from './snapshot/plan.ts';
import { type Progress, readNewParts, requirePlan } from './snapshot/progress.ts';
import { describeRefusal } from './snapshot/publish-rules.ts';
import { createSeal, readSeal } from './snapshot/seal.ts';
import type { PublishJob } from './sync-job.ts';

/**
 * Decides to publish, or refuses. Either way it lists again first: parts written meanwhile count, and a seal found is finished.
 * @param stopped Why asking ended early, if it did; time that ran out and too many failures do not matter once every target has an outcome
 *   (the rules then judge all of them).
 */
export async function sealSnapshot(job: PublishJob, plan: Plan, progress: Progress, stopped: unknown): Promise<Seal> {
  const { output, snapshot, maxFailedPercent, maxShrinkPercent } = job;
  const { scope } = plan.header;
  const kind = stopped instanceof SyncError ? stopped.kind : undefined;
  if (stopped !== undefined && (kind === undefined || kind === 'interrupted' || kind === 'output'))
    throw describeStop(snapshot, plan.targetCount, progress, stopped);
  await readNewParts(output, snapshot, plan, progress);
  const seal = await readSeal(output, snapshot);
  if (seal !== undefined) return seal;
  const { statuses } = progress;
  const missing = statuses.count(undefined);
  const sufficesWhenWhole = kind === 'out_of_time' || kind === 'not_published';
  if (stopped !== undefined && (!sufficesWhenWhole || missing > 0)) throw describeStop(snapshot, plan.targetCount, progress, stopped);
  const previous = scope === 'full' ? await findPreviousFullCommit(output, snapshot) : undefined;
  const refusal = describeRefusal({ scope, targetCount: plan.targetCount, statuses, maxFailedPercent, maxShrinkPercent, previous });
  if (refusal !== undefined) throw new SyncError('not_published', `snapshot ${snapshot.id} is not published: ${refusal}`);
  await requirePlan(output, snapshot);
  if (job.interrupt.aborted) throw describeStop(snapshot, plan.targetCount, progress, job.interrupt.reason);
  const finishedAt = formatInstant(job.clock.now());
  return createSeal(output, snapshot, {
    format,
    parts: [...progress.names].sort(),
    run_id: job.runId,
    // A clock that jumped back must not end a snapshot before it began.
    finished_at: finishedAt < plan.header.started_at ? plan.header.started_at : finishedAt,
    code_version: job.codeVersion,
  });
}
