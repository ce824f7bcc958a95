import type { Seal } from './contract/raw.ts';
import { publishSnapshot } from './publish-snapshot.ts';
import type { Plan } from './snapshot/plan.ts';
import type { SnapshotJob, SyncResult } from './sync-job.ts';

/** Loads and commits a sealed snapshot; nothing stops a run any more. @throws SyncError of kind `output` or `not_published` */
export async function finishSnapshot(job: SnapshotJob, plan: Plan, seal: Seal, byThisRun: boolean): Promise<SyncResult> {
  const { output, snapshot } = job;
  job.onEvent({ kind: 'sealed', byThisRun });
  return { row: await publishSnapshot({ output, snapshot, plan, seal }), alreadyPublished: false };
}
