import type { Snapshot } from '../contract/objects.ts';
import type { MaintainerDetails, Scope, Target } from '../contract/raw.ts';
import { SyncError } from '../errors.ts';
import type { Plan } from './plan.ts';

/** What a run means to do: it must agree with the plan of its snapshot. */
export type PlanIntent = {
  readonly snapshot: Snapshot;
  readonly maintainerDetails: MaintainerDetails;
  /** Undefined where a plan is followed whatever it was made of. */
  readonly scope?: Scope;
};

const earliestAheadMs = 5 * 60_000;
const latestBackMs = 24 * 3_600_000;

/**
 * A snapshot has one plan: a run with other intentions must not follow it.
 * @param isOfOtherTargets Whether the plan was made of another list than the run was given.
 * @throws SyncError of kind `configuration` that names what differs
 */
export function refuseOtherPlan(job: PlanIntent, { header }: Plan, isOfOtherTargets = false): void {
  const problems: string[] = [];
  const { scope } = job;
  if (scope !== undefined && header.scope !== scope) problems.push(`scope ${header.scope} (this run has ${scope})`);
  if (header.maintainer_details !== job.maintainerDetails) {
    problems.push(`MAINTAINER_DETAILS=${header.maintainer_details} (this run has ${job.maintainerDetails})`);
  }
  if (header.scope === 'subset' && scope === 'subset' && isOfOtherTargets) problems.push('other targets');
  if (problems.length === 0) return;
  throw new SyncError(
    'configuration',
    `snapshot ${job.snapshot.id} was planned with ${problems.join(' and ')}: run it as it was planned, or take the snapshot of another instant`,
  );
}

/** Whether two lists have the same targets, as sets. */
export function isSameList(a: readonly Target[], b: readonly Target[]): boolean {
  const setOf = (targets: readonly Target[]): Set<string> =>
    new Set(targets.map(({ projectKey, metricGroupKey }) => `${projectKey}/${metricGroupKey}`));
  return setOf(a).symmetricDifference(setOf(b)).size === 0;
}

/**
 * Today's state is no answer about last week, nor about what is to come.
 * @throws SyncError of kind `configuration`
 */
export function refuseInstant(snapshot: Snapshot, nowMs: number, direction: 'ahead' | 'back'): void {
  const aheadMs = snapshot.atMs - nowMs;
  if (direction === 'ahead' && aheadMs > earliestAheadMs) {
    throw new SyncError(
      'configuration',
      `the snapshot's instant ${snapshot.at} is ${Math.round(aheadMs / 1000)} s ahead; up to 5 minutes are allowed: check the clock or the instant`,
    );
  }
  if (direction === 'back' && -aheadMs > latestBackMs) {
    throw new SyncError(
      'configuration',
      `the snapshot's instant ${snapshot.at} is more than 24 hours back and was never sealed: today's state is no answer about it; take a newer snapshot`,
    );
  }
}
