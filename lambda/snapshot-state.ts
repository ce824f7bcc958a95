import type { Seal } from './contract/raw.ts';
import type { Row } from './contract/tables.ts';
import { readCommit } from './load/commit-store.ts';
import { fetchPlan, type Plan, planIsGone } from './snapshot/plan.ts';
import { refuseInstant } from './snapshot/refuse-run.ts';
import { readSeal } from './snapshot/seal.ts';
import type { SnapshotJob } from './sync-job.ts';

/** How far a snapshot got: what a run finds, and goes on from. */
export type SnapshotState =
  | { readonly kind: 'open'; readonly plan: Plan | undefined }
  | { readonly kind: 'sealed'; readonly plan: Plan; readonly seal: Seal }
  | { readonly kind: 'published'; readonly commit: Row<'sync_snapshots'> };

/**
 * Reads how far a snapshot got.
 * @param onPlan Called with the plan before anything else counts; it may refuse to follow it.
 * @throws SyncError of kind `configuration` for an instant that is ahead, or back and never sealed; of kind `output`
 */
export async function readSnapshotState(
  { snapshot, output, clock }: SnapshotJob,
  onPlan: (plan: Plan) => void | Promise<void> = () => {},
): Promise<SnapshotState> {
  refuseInstant(snapshot, clock.now(), 'ahead');
  const findPlan = async (): Promise<Plan | undefined> => {
    const found = await fetchPlan(output, snapshot);
    if (found !== undefined) await onPlan(found);
    return found;
  };
  const plan = await findPlan();
  const commit = await readCommit(output, snapshot);
  if (commit !== undefined) return { kind: 'published', commit };
  const seal = await readSeal(output, snapshot);
  if (seal !== undefined) {
    // Another run may have planned and sealed since this one looked for the plan.
    const sealedPlan = plan ?? (await findPlan());
    if (sealedPlan === undefined) throw planIsGone(output, snapshot);
    return { kind: 'sealed', plan: sealedPlan, seal };
  }
  refuseInstant(snapshot, clock.now(), 'back');
  return { kind: 'open', plan };
}
