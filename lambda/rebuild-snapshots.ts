import type { Snapshot } from './contract/objects.ts';
import { SyncError } from './errors.ts';
import type { Output } from './output/output.ts';
import { type RebuildOptions, type RebuiltSnapshot, rebuildSnapshot } from './rebuild.ts';
import type { DateRange } from './snapshot/date-range.ts';
import { listSnapshots, type StoredSnapshot } from './snapshot/list-snapshots.ts';

/** What became of one of the snapshots that were found. */
export type SnapshotRebuild = { readonly snapshot: Snapshot } & Outcome;

type Outcome =
  | RebuiltSnapshot
  /** Not decided to be published; or published, with nothing left to rebuild it from. */
  | { readonly result: 'unsealed' | 'left_as_it_is' }
  | { readonly result: 'failed'; readonly message: string };

/** Which snapshots are rebuilt, and how. */
export type RebuildJob = RebuildOptions & {
  readonly output: Output;
  readonly range: DateRange;
  /** Called before each snapshot that is rebuilt. */
  readonly onBegin: (snapshot: Snapshot) => void;
};

/**
 * Rebuilds the sealed snapshots of a range of dates, one after the other. A damaged one fails alone.
 * @throws SyncError of kind `output` where the output cannot be listed; of kind `interrupted`
 */
export async function* rebuildSnapshots(job: RebuildJob): AsyncGenerator<SnapshotRebuild> {
  for await (const stored of listSnapshots(job.output, job.range)) {
    job.interrupt.throwIfAborted();
    yield { snapshot: stored.snapshot, ...(await rebuildStored(stored, job)) };
  }
}

async function rebuildStored(stored: StoredSnapshot, job: RebuildJob): Promise<Outcome> {
  const { snapshot, isSealed, isPublished, hasAnswers } = stored;
  if (isPublished && !(isSealed && hasAnswers)) return { result: 'left_as_it_is' };
  if (!isSealed) return { result: 'unsealed' };
  job.onBegin(snapshot);
  try {
    return await rebuildSnapshot(job.output, snapshot, job);
  } catch (error) {
    if (!(error instanceof SyncError) || error.kind === 'interrupted') throw error;
    return { result: 'failed', message: error.message.includes(snapshot.id) ? error.message : `snapshot ${snapshot.id}: ${error.message}` };
  }
}
