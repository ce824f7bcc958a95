import type { Seal } from './contract/raw.ts';
import type { Plan } from './snapshot/plan.ts';
import type { SnapshotJob, SyncResult } from './sync-job.ts';

/** Loads and commits a sealed snapshot; nothing stops a run any more. @throws SyncError of kind `output` or `not_published` */
export async function finishSnapshot(job: SnapshotJob, plan: Plan, seal: Seal, byThisRun: boolean): Promise<SyncResult> {
  const { output, snapshot } = job;
  job.onEvent({ kind: 'sealed', byThisRun });
  // Loaded when its turn comes: half of the code is not needed before the first request.
  const { publishSnapshot } = await import('./publish-snapshot.ts');
  return { row: await publishSnapshot({ output, snapshot, plan, seal }), alreadyPublished: false };
}
