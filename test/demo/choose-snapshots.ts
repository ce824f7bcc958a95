import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planObject, type Snapshot, snapshotAt } from '../../lambda/contract/objects.ts';

/** Chooses two instants an hour apart that no earlier demo has used, the later one now or the nearest free second before. */
export function chooseSnapshots(outputDirectory: string, nowMs: number): { readonly before: Snapshot; readonly after: Snapshot } {
  const isTaken = (snapshot: Snapshot): boolean => existsSync(join(outputDirectory, planObject(snapshot)));
  for (let atMs = nowMs; ; atMs -= 1000) {
    const [before, after] = [snapshotAt(atMs - 3_600_000), snapshotAt(atMs)];
    if (!isTaken(before) && !isTaken(after)) return { before, after };
  }
}
