import type { Scope } from '../contract/raw.ts';
import type { TargetStatuses } from './target-statuses.ts';

/** Percents of whole numbers are off by a little: 7 % of 100 is 7.000000000000001, and 32.3 % of 1000 a bit less than 323. */
const roundingError = 1e-9;

/** How many of a number of targets a percentage allows, rounded up to whole ones. */
export function allowedByPercent(total: number, percent: number): number {
  return Math.ceil((total * percent) / 100 - roundingError);
}

/** What the decision to publish rests on, once every target has an outcome. */
export type PublishFacts = {
  readonly scope: Scope;
  readonly targetCount: number;
  readonly statuses: TargetStatuses;
  readonly maxFailedPercent: number;
  readonly maxShrinkPercent: number;
  /** The newest published full snapshot before this one, if there is one within 30 days. */
  readonly previous: { readonly snapshot_id: string; readonly targets_succeeded: number } | undefined;
};

/** Tells why a snapshot whose targets all have an outcome must not be published, and how to let it through; undefined when it may. */
export function describeRefusal(facts: PublishFacts): string | undefined {
  const { scope, targetCount, statuses, maxFailedPercent, maxShrinkPercent, previous } = facts;
  const succeeded = statuses.count('succeeded');
  const unanswered = targetCount - succeeded - statuses.count('not_found');
  const allowed = allowedByPercent(targetCount, maxFailedPercent);
  if (unanswered > allowed) {
    return (
      `${unanswered} of ${targetCount} targets are without an answer, and MAX_FAILED_PERCENT=${maxFailedPercent} allows ${allowed}: ` +
      'mend what their messages say and run the same snapshot again (only they are asked), or allow more for once (--max-failed-percent, or maxFailedPercent in the event)'
    );
  }
  if (scope !== 'full') return undefined;
  if (succeeded === 0) {
    return `no target of ${targetCount} succeeded: check the project keys and what the token's role may read, then run the same snapshot again`;
  }
  const lost = previous === undefined ? 0 : previous.targets_succeeded - succeeded;
  if (previous === undefined || lost <= (previous.targets_succeeded * maxShrinkPercent) / 100 + roundingError) return undefined;
  return (
    `${succeeded} groups succeeded, ${lost} fewer than the ${previous.targets_succeeded} of snapshot ${previous.snapshot_id}, ` +
    `and MAX_SHRINK_PERCENT=${maxShrinkPercent} does not allow it: if the list was shortened on purpose, let this snapshot through once ` +
    '(--max-shrink-percent 100, or maxShrinkPercent in the event)'
  );
}
