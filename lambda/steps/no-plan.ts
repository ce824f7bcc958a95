import type { Snapshot } from '../contract/objects.ts';
import { SyncError } from '../errors.ts';

/** The error of a step that comes before the plan. */
export const noPlan = (snapshot: Snapshot): SyncError =>
  new SyncError('configuration', `snapshot ${snapshot.id} has no plan in this output: plan it first, and check output and instant`);
