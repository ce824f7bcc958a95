import { askLaunchDarkly } from '../ask-launchdarkly.ts';
import { createPlan, followPlan } from '../resolve-plan.ts';
import { createRunLimits } from '../run-limits.ts';
import { sliceCountOf } from '../snapshot/plan.ts';
import { readSnapshotState } from '../snapshot-state.ts';
import type { PlanJob } from '../sync-job.ts';

/** What planning tells those who extract: there are slices 0 to `sliceCount` − 1. */
export type PlannedSnapshot = {
  /** `planned`: its slices may be extracted; else nothing is to be asked any more. */
  readonly state: 'planned' | 'sealed' | 'published';
  readonly targetCount: number;
  readonly sliceCount: number;
};

/**
 * The first of three steps: resolves the targets and writes the plan, or follows the one that is there. Safe to kill and to repeat.
 * @throws SyncError whose kind tells who must act
 */
export async function planSnapshot(job: PlanJob): Promise<PlannedSnapshot> {
  const found = await readSnapshotState(job, (plan) => followPlan(job, plan));
  if (found.kind === 'published') {
    const targetCount = found.commit.targets_total;
    return { state: 'published', targetCount, sliceCount: sliceCountOf({ targetCount }) };
  }
  const { targetCount } = found.plan ?? (await listTargets(job));
  job.onEvent({ kind: 'planned', targetCount, isNew: found.plan === undefined, answered: 0 });
  return { state: found.kind === 'open' ? 'planned' : 'sealed', targetCount, sliceCount: sliceCountOf({ targetCount }) };
}

async function listTargets(job: PlanJob): Promise<{ readonly targetCount: number }> {
  await job.output.prepare();
  const limits = createRunLimits(job.clock, job.maxRunMs, job.interrupt);
  try {
    return await askLaunchDarkly(job, limits, (client) => createPlan(job, client));
  } finally {
    limits.close();
  }
}
