import { askLaunchDarkly } from './ask-launchdarkly.ts';
import type { Seal } from './contract/raw.ts';
import { extractOutcomes } from './extract-outcomes.ts';
import { createPlan, followPlan } from './resolve-plan.ts';
import { createRunLimits } from './run-limits.ts';
import type { Plan } from './snapshot/plan.ts';
import { readProgress } from './snapshot/progress.ts';
import { readSnapshotState } from './snapshot-state.ts';
import type { SyncJob, SyncResult } from './sync-job.ts';

/**
 * Takes and publishes one snapshot: plan, extract, seal, load, commit. Safe to kill, to repeat and to run twice at once.
 * @throws SyncError whose kind tells who must act; nothing is published then
 */
export async function syncMetricGroups(job: SyncJob): Promise<SyncResult> {
  const state = await readSnapshotState(job, (plan) => followPlan(job, plan));
  if (state.kind === 'published') return { row: state.commit, alreadyPublished: true };
  // Loaded when its turn comes, as what seals is: half of the code is not needed before the first request.
  const finish = async (plan: Plan, seal: Seal, byThisRun: boolean): Promise<SyncResult> =>
    (await import('./finish-snapshot.ts')).finishSnapshot(job, plan, seal, byThisRun);
  if (state.kind === 'sealed') return finish(state.plan, state.seal, false);
  await job.output.prepare();

  const limits = createRunLimits(job.clock, job.maxRunMs, job.interrupt);
  try {
    const { plan, seal } = await askLaunchDarkly(job, limits, async (client) => {
      const plan = state.plan ?? (await createPlan(job, client));
      const progress = await readProgress(job.output, job.snapshot, plan);
      const answered = progress.statuses.count('succeeded') + progress.statuses.count('not_found');
      job.onEvent({ kind: 'planned', targetCount: plan.targetCount, isNew: state.plan === undefined, answered });
      const stopped = await extractOutcomes(job, client, plan, progress, limits);
      const { sealSnapshot } = await import('./seal-snapshot.ts');
      return { plan, seal: await sealSnapshot(job, plan, progress, stopped) };
    });
    return await finish(plan, seal, seal.run_id === job.runId);
  } finally {
    limits.close();
  }
}
