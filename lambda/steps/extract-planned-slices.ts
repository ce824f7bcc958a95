import { askLaunchDarkly } from '../ask-launchdarkly.ts';
import type { Status } from '../contract/raw.ts';
import { describeStop } from '../describe-stop.ts';
import { configurationError, SyncError } from '../errors.ts';
import type { Turn } from '../extract/gate.ts';
import { extractOutcomes } from '../extract-outcomes.ts';
import { createRunLimits } from '../run-limits.ts';
import { describeSlices } from '../slice-ranges.ts';
import { type Plan, sliceCountOf, sliceSizeOf } from '../snapshot/plan.ts';
import { type Progress, readProgress, settledOf, statusesOf } from '../snapshot/progress.ts';
import { refuseOtherPlan } from '../snapshot/refuse-run.ts';
import { readSnapshotState } from '../snapshot-state.ts';
import type { ExtractJob } from '../sync-job.ts';
import { noPlan } from './no-plan.ts';

/** How the targets of a slice ended so far; undefined: they have no outcome yet. */
export type ExtractedSlice = { readonly slice: number; readonly statuses: readonly (Status | undefined)[] };

/** What extracting came to. */
export type Extraction =
  /** Every target of the slices has an outcome. */
  | { readonly kind: 'extracted'; readonly slices: readonly ExtractedSlice[] }
  /** The snapshot is sealed or published: nothing is asked any more. */
  | { readonly kind: 'decided' }
  /** Time ran out, or the next request had to wait longer: whoever takes the slices again goes on from the parts. */
  | { readonly kind: 'unfinished'; readonly reason: SyncError; readonly settledNow: number; readonly nextInMs: number };

/**
 * The second of three steps: asks for the targets of some slices of the plan and writes their parts. Safe to kill, to repeat, and to run
 * beside others; all that run at once must share MAX_REQUESTS_PER_SECOND among them.
 * @throws SyncError whose kind tells who must act; whatever was answered is kept
 */
export async function extractPlannedSlices(job: ExtractJob, slices: ReadonlySet<number>): Promise<Extraction> {
  const found = await readSnapshotState(job, (plan) => {
    refuseOtherPlan({ snapshot: job.snapshot, maintainerDetails: job.maintainerDetails }, plan);
    refuseSlicesBeyond(plan, slices);
  });
  if (found.kind !== 'open') return { kind: 'decided' };
  if (found.plan === undefined) throw noPlan(job.snapshot);
  await job.output.prepare();
  const plan = found.plan.narrow(slices);
  const targetCount = [...slices].reduce((sum, slice) => sum + sliceSizeOf(plan, slice), 0);
  const progress = await readProgress(job.output, job.snapshot, plan);
  const { statuses } = progress;
  const answered = statuses.count('succeeded') + statuses.count('not_found');
  job.onEvent({ kind: 'planned', targetCount, isNew: false, answered });

  let nextInMs = 0;
  const noteWait = (forMs: number): void => {
    nextInMs = forMs;
  };
  const stopped = answered === targetCount ? undefined : await ask(job, plan, progress, noteWait);
  if (stopped !== undefined && !(sufficesWhenWhole(stopped) && settledOf(progress) === targetCount)) {
    const reason = describeStop(job.snapshot, targetCount, progress, stopped);
    if (!(reason instanceof SyncError && reason.kind === 'out_of_time')) throw reason;
    return { kind: 'unfinished', reason, settledNow: settledOf(progress) - progress.settledBefore, nextInMs };
  }
  return { kind: 'extracted', slices: [...slices].map((slice) => ({ slice, statuses: statusesOf(plan, progress, slice) })) };
}

/** Asks until every target has an outcome; returns the reason where it was stopped before. */
async function ask(job: ExtractJob, plan: Plan, progress: Progress, onTooLate: (forMs: number) => void): Promise<unknown> {
  const limits = createRunLimits(job.clock, job.maxRunMs, job.interrupt);
  const nowMs = job.clock.elapsed();
  const turn: Turn = {
    // Early enough for the last answer to come, so that nothing is asked twice.
    lastStartMs: limits.endsAtMs - Math.min(job.launchDarkly.requestTimeoutMs, (limits.endsAtMs - nowMs) / 4),
    onTooLate: (forMs) => {
      onTooLate(forMs);
      const why = forMs > 0 ? `the next request has to wait ${Math.ceil(forMs / 1000)} s, longer than this run has left` : 'time ran out';
      limits.stop(new SyncError('out_of_time', why));
    },
  };
  try {
    return await askLaunchDarkly(job, limits, (client) => extractOutcomes(job, client, plan, progress, limits), turn);
  } finally {
    limits.close();
  }
}

/** Where every target has an outcome, it does not matter that time ran out, and too many failures are for the last step to judge. */
const sufficesWhenWhole = (stopped: unknown): boolean =>
  stopped instanceof SyncError && (stopped.kind === 'out_of_time' || stopped.kind === 'not_published');

function refuseSlicesBeyond(plan: Plan, slices: ReadonlySet<number>): void {
  const count = sliceCountOf(plan);
  const beyond = [...slices].filter((slice) => slice >= count);
  if (beyond.length === 0) return;
  const there = count === 1 ? 'one slice, 0' : `the slices 0-${count - 1}`;
  throw configurationError([`the plan has ${there}, and not ${describeSlices(beyond)}: print it with \`plan\``]);
}
