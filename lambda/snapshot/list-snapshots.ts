import { commitDatePrefix, rawDatePrefix, readCommitObject, readRawObject, type Snapshot, snapshotOfId } from '../contract/objects.ts';
import type { Output } from '../output/output.ts';
import { prefetch } from '../prefetch.ts';
import { type DateRange, datePrefixes } from './date-range.ts';

/** A snapshot that has objects in an output, and what the names of those tell of it. */
export type StoredSnapshot = {
  readonly snapshot: Snapshot;
  readonly isSealed: boolean;
  /** Whether there is a plan or any part. */
  readonly hasAnswers: boolean;
  readonly isPublished: boolean;
};

const listedAtOnce = 4;

/** Lists the snapshots of a range of dates in the order of their instants; memory is bounded by a month of them. @throws SyncError of kind `output` */
export async function* listSnapshots(output: Output, range: DateRange): AsyncGenerator<StoredSnapshot> {
  const listings = prefetch(datePrefixes(range), listedAtOnce, async (dates) =>
    Promise.all([output.list(rawDatePrefix(dates)), output.list(commitDatePrefix(dates))]),
  );
  for await (const [raw, commits] of listings) {
    const found = new Map<string, StoredSnapshot>();
    const note = (snapshot: Snapshot, facts: Partial<StoredSnapshot>): void => {
      const before = found.get(snapshot.id) ?? { snapshot, isSealed: false, hasAnswers: false, isPublished: false };
      found.set(snapshot.id, { ...before, ...facts });
    };
    for (const object of raw) {
      const read = readRawObject(object);
      if (read !== undefined) note(read.snapshot, read.isSeal ? { isSealed: true } : { hasAnswers: true });
    }
    for (const object of commits) {
      const snapshot = snapshotOfId(readCommitObject(object) ?? '');
      if (snapshot !== undefined) note(snapshot, { isPublished: true });
    }
    yield* [...found.values()].sort((a, b) => a.snapshot.atMs - b.snapshot.atMs);
  }
}
