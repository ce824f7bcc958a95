import type { Snapshot } from './contract/objects.ts';
import { SyncError } from './errors.ts';
import { type Progress, settledOf } from './snapshot/progress.ts';

/**
 * Adds to the reason of a stop how far the snapshot got, and how to go on.
 * @param targetCount How many targets the run was to settle.
 */
export function describeStop(snapshot: Snapshot, targetCount: number, progress: Progress, stopped: unknown): unknown {
  if (!(stopped instanceof SyncError)) return stopped;
  const settled = settledOf(progress);
  const kept = `${settled} of ${targetCount} targets are settled and kept in snapshot ${snapshot.id}`;
  if (stopped.kind === 'out_of_time') {
    const settledNow = settled - progress.settledBefore;
    const advice =
      settledNow === 0
        ? 'this run settled none: allow more time (MAX_RUN_SECONDS), or look at what LaunchDarkly answers'
        : `about ${Math.ceil((targetCount - settled) / settledNow)} more of this length will finish it, run the same snapshot again`;
    return new SyncError(stopped.kind, `${stopped.message}: ${kept}; ${advice}`, { cause: stopped });
  }
  return new SyncError(stopped.kind, `${stopped.message}; ${kept}`, { cause: stopped });
}
