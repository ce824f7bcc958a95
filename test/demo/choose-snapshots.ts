import { globSync } from 'node:fs';
import { type Snapshot, snapshotAt, snapshotOfId } from '../../lambda/contract/objects.ts';

/**
 * Chooses two instants after those of all earlier demos, so that their history goes on: an hour ago where there is none, and now.
 * A demo that follows another at once goes some seconds ahead, which a sync allows.
 */
export function chooseSnapshots(outputDirectory: string, nowMs: number): { readonly before: Snapshot; readonly after: Snapshot } {
  const planned = globSync('raw/snapshot_date=*/*/plan.jsonl.gz', { cwd: outputDirectory }).map((plan) => plan.split(/[\\/]/).at(-2) ?? '');
  const newest = snapshotOfId(planned.sort().at(-1) ?? '');
  const before = snapshotAt(Math.max(nowMs - 3_600_000, (newest?.atMs ?? 0) + 1000));
  return { before, after: snapshotAt(Math.max(nowMs, before.atMs + 1000)) };
}
