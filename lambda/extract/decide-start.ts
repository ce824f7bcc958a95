import { isWindowOver, type Pace, type WaitReason, windowMs } from './pace.ts';
import type { BudgetFamily } from './rate-limit-headers.ts';

/** Whether a request may start now, at an instant, or once an answer came (`untilMs` at the latest). */
export type Decision =
  | { readonly kind: 'start' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly reason: WaitReason }
  | { readonly kind: 'answer first'; readonly untilMs: number | undefined };

/** How long a lone request is waited for before another may test instead of it. */
const probePatienceMs = 1_000;

/** Decides whether the next request may start. */
export function decideStart(pace: Pace, nowMs: number): Decision {
  if (nowMs < pace.closedUntilMs) return { kind: 'wait', untilMs: pace.closedUntilMs, reason: { why: 'rate limited' } };
  const byBudget = decideByBudgets(pace, nowMs) ?? decideByLearning(pace, nowMs);
  if (byBudget !== undefined) return byBudget;
  const probe = pace.probing && pace.inFlight > 0 ? answerFirst(pace, nowMs) : undefined;
  if (probe !== undefined) return probe;
  if (nowMs < pace.nextStartMs) return { kind: 'wait', untilMs: pace.nextStartMs, reason: { why: 'spacing' } };
  return { kind: 'start' };
}

/** Waits for the answers under way, but not for one that does not come. */
function answerFirst(pace: Pace, nowMs: number): Decision | undefined {
  const untilMs = pace.lastStartMs + probePatienceMs;
  return nowMs < untilMs ? { kind: 'answer first', untilMs } : undefined;
}

function decideByBudgets(pace: Pace, nowMs: number): Decision | undefined {
  let decision: Decision | undefined;
  for (const family of Object.keys(pace.budgets) as BudgetFamily[]) {
    const budget = pace.budgets[family];
    if (budget === undefined || pace.trust[family] === 'refuted') continue;
    const alone = pace.inFlight === 0;
    if (nowMs >= budget.overAtMs) {
      // What the new window allows is unknown until an answer names it; where the last one was used up, one request asks alone.
      if (!alone && budget.remaining < budget.allowed / 2) decision ??= answerFirst(pace, nowMs);
    } else if (budget.remaining <= 0) {
      if (budget.emptyWindows > 0 && pace.trust[family] !== 'proven') {
        if (!alone) decision ??= { kind: 'answer first', untilMs: undefined };
        continue;
      }
      // The longest wait over all families counts.
      const reason: WaitReason = { why: 'budget', family, allowed: budget.allowed, windowMs };
      if (decision?.kind !== 'wait' || decision.untilMs < budget.overAtMs) decision = { kind: 'wait', untilMs: budget.overAtMs, reason };
    } else if (!alone && budget.remaining - pace.inFlight - pace.othersTake < 1) {
      decision ??= { kind: 'answer first', untilMs: budget.overAtMs };
    }
  }
  return decision;
}

function decideByLearning(pace: Pace, nowMs: number): Decision | undefined {
  const { capacity, windowStartMs, starts, answered, answeredBefore, exploreAtMs, isUnnamed } = pace.learned;
  if (!isUnnamed && Object.keys(pace.budgets).length > 0) return undefined;
  const alone = pace.inFlight === 0;
  if (capacity === undefined) {
    // As many under way as were answered: a small limit is met by few requests and not by all at once.
    return pace.inFlight > answered + answeredBefore ? answerFirst(pace, nowMs) : undefined;
  }
  if (isWindowOver(pace.learned, nowMs)) return alone ? undefined : answerFirst(pace, nowMs);
  if (starts < capacity || windowStartMs === undefined) return undefined;
  if (nowMs >= exploreAtMs) return alone ? undefined : { kind: 'answer first', untilMs: undefined };
  return { kind: 'wait', untilMs: windowStartMs + windowMs, reason: { why: 'budget', family: 'learned', allowed: capacity, windowMs } };
}
