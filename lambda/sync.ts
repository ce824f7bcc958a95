import type { Clock } from './clock.ts';
import { formatInstant } from './contract/instants.ts';
import { planObject, type Snapshot } from './contract/objects.ts';
import { format, type MaintainerDetails, type PartLine, type Scope, type Seal, type Target } from './contract/raw.ts';
import type { Row } from './contract/tables.ts';
import { SyncError } from './errors.ts';
import { extractSlices } from './extract/extract-slices.ts';
import { extractTarget } from './extract/extract-target.ts';
import type { Wait } from './extract/gate.ts';
import { createLaunchDarklyClient, type LaunchDarklyClient, type LaunchDarklyOptions } from './extract/launchdarkly-client.ts';
import { createPartWriter } from './extract/part-writer.ts';
import { resolveTargets } from './extract/resolve-targets.ts';
import { findPreviousFullCommit, readCommit } from './load/commit-store.ts';
import type { Output } from './output/output.ts';
import { createRunLimits, type RunLimits } from './run-limits.ts';
import { fetchPart } from './snapshot/parts.ts';
import { encodePlan, fetchPlan, type Plan, planIsGone, readPlan } from './snapshot/plan.ts';
import { type Progress, readNewParts, readProgress, recordPart, requirePlan } from './snapshot/progress.ts';
import { allowedByPercent, describeRefusal } from './snapshot/publish-rules.ts';
import { isSameList, refuseInstant, refuseOtherPlan } from './snapshot/refuse-run.ts';
import { createSeal, readSeal } from './snapshot/seal.ts';

/** All that one run needs; clock, randomness and connections are made by whoever calls. */
export type SyncJob = {
  readonly snapshot: Snapshot;
  readonly scope: Scope;
  /** The targets as given. */
  readonly targets: readonly Target[];
  readonly output: Output;
  readonly launchDarkly: LaunchDarklyOptions;
  readonly maxRunMs: number | undefined;
  readonly maxFailedPercent: number;
  readonly maxShrinkPercent: number;
  readonly maintainerDetails: MaintainerDetails;
  readonly runId: string;
  readonly codeVersion: string;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted with a `SyncError` by whoever stops the run. */
  readonly interrupt: AbortSignal;
  readonly onEvent: (event: SyncEvent) => void;
};

/** What whoever watches a run is told. */
export type SyncEvent =
  | { readonly kind: 'planned'; readonly targetCount: number; readonly isNew: boolean; readonly answered: number }
  | { readonly kind: 'list changed' }
  | { readonly kind: 'outcome'; readonly line: PartLine }
  | ({ readonly kind: 'wait' } & Wait)
  | { readonly kind: 'asked'; readonly requests: number; readonly rateLimited: number; readonly waitedMs: number }
  | { readonly kind: 'sealed'; readonly byThisRun: boolean };

/** What a run published, or found published. */
export type SyncResult = { readonly row: Row<'sync_snapshots'>; readonly alreadyPublished: boolean };

/**
 * Takes and publishes one snapshot: plan, extract, seal, load, commit. Safe to kill, to repeat and to run twice at once.
 * @throws SyncError whose kind tells who must act; nothing is published then
 */
export async function syncMetricGroups(job: SyncJob): Promise<SyncResult> {
  const { snapshot, output } = job;
  refuseInstant(snapshot, job.clock.now(), 'ahead');
  const found = await findPlan(job);
  const commit = await readCommit(output, snapshot);
  if (commit !== undefined) return { row: commit, alreadyPublished: true };
  const sealBefore = await readSeal(output, snapshot);
  // Another run may have planned and sealed since this one looked for the plan.
  if (sealBefore !== undefined) return finish(job, found ?? (await findPlan(job)), sealBefore, false);
  refuseInstant(snapshot, job.clock.now(), 'back');
  await output.prepare();

  const limits = createRunLimits(job.clock, job.maxRunMs, job.interrupt);
  try {
    const { plan, seal } = await askLaunchDarkly(job, found, limits);
    return await finish(job, plan, seal, seal.run_id === job.runId);
  } finally {
    limits.close();
  }
}

/** Asks until every target has an outcome, and decides to publish. */
async function askLaunchDarkly(job: SyncJob, found: Plan | undefined, limits: RunLimits): Promise<{ plan: Plan; seal: Seal }> {
  const { clock, random, userAgent, onEvent } = job;
  const startedAt = formatInstant(clock.now());
  const client = createLaunchDarklyClient(job.launchDarkly, {
    clock,
    random,
    userAgent,
    signal: limits.signal,
    onWait: (wait) => onEvent({ kind: 'wait', ...wait }),
    onAnswer: limits.noteAnswer,
  });
  try {
    const plan = found ?? (await createPlan(job, client, startedAt));
    const progress = await readProgress(job.output, job.snapshot, plan);
    onEvent({
      kind: 'planned',
      targetCount: plan.targetCount,
      isNew: found === undefined,
      answered: progress.statuses.count('succeeded') + progress.statuses.count('not_found'),
    });
    const stopped = await extract(job, client, plan, progress, limits);
    return { plan, seal: await sealSnapshot(job, plan, progress, stopped) };
  } finally {
    onEvent({ kind: 'asked', ...client.counts });
    await client.close();
  }
}

async function findPlan(job: SyncJob): Promise<Plan | undefined> {
  const plan = await fetchPlan(job.output, job.snapshot);
  if (plan === undefined) return undefined;
  refuseOtherPlan(job, plan);
  if (job.scope === 'full' && !isSameList(plan.header.targets, job.targets)) job.onEvent({ kind: 'list changed' });
  return plan;
}

async function createPlan(job: SyncJob, client: LaunchDarklyClient, startedAt: string): Promise<Plan> {
  const { targets, requests, rateLimited } = await resolveTargets(job.targets, client, job.maintainerDetails);
  if (targets.length === 0) {
    throw new SyncError('not_published', 'the listed projects have no metric group: nothing is published; check the project keys');
  }
  const header = {
    format,
    scope: job.scope,
    maintainer_details: job.maintainerDetails,
    targets: job.targets,
    started_at: startedAt,
    requests,
    rate_limited: rateLimited,
  };
  const content = await encodePlan(header, targets);
  const object = planObject(job.snapshot);
  if ((await job.output.create(object, content)) === 'created') return readPlan(content, object);
  const other = await findPlan(job);
  if (other === undefined)
    throw new SyncError('output', `output ${job.output.uri}: ${object} was there and is gone: nothing may be deleted under raw/`);
  return other;
}

/** Asks for all targets without an answer; returns the reason where the run was stopped before. Whatever was answered is written. */
async function extract(job: SyncJob, client: LaunchDarklyClient, plan: Plan, progress: Progress, limits: RunLimits): Promise<unknown> {
  const { output, snapshot, clock } = job;
  const parts = createPartWriter({
    output,
    snapshot,
    nextPart: progress.nextPart,
    onWritten: (name, slice, entries) => {
      progress.names.add(name);
      for (const { position, status } of entries) progress.statuses.record(slice, position, status);
    },
    onForeignPart: async (part, targets) => recordPart(snapshot, progress, part, targets, await fetchPart(output, snapshot, part.name)),
    onError: limits.stop,
  });
  const allowedToFail = allowedByPercent(plan.targetCount, job.maxFailedPercent);
  let failed = 0;
  let example = '';
  const onOutcome = (line: PartLine): void => {
    job.onEvent({ kind: 'outcome', line });
    if (line.status !== 'failed') return;
    failed++;
    example = `${line.project_key}/${line.metric_group_key} (${line.error_code})`;
    if (failed <= allowedToFail) return;
    limits.stop(
      new SyncError(
        'not_published',
        `stopped asking: ${failed} of ${plan.targetCount} targets failed in this run, and MAX_FAILED_PERCENT=${job.maxFailedPercent} allows ${allowedToFail}. ` +
          `The last was ${example}. Run the same snapshot again once LaunchDarkly answers: what was answered is kept`,
      ),
    );
  };
  await extractSlices({
    plan,
    statuses: progress.statuses,
    parts,
    // More targets under way than slots: those that back off hold none.
    workers: job.launchDarkly.maxConcurrentRequests * 4,
    signal: limits.signal,
    extract: (target) =>
      extractTarget(target, client, job.maintainerDetails, clock).catch((error) => {
        // Whatever ends one worker ends them all.
        limits.stop(error);
        throw error;
      }),
    onOutcome,
  }).catch(limits.stop);
  await parts.settle();
  return limits.signal.aborted ? limits.signal.reason : undefined;
}

/**
 * Decides to publish, or refuses. Either way it lists again first: parts written meanwhile count, and a seal found is finished.
 * @param stopped Why asking ended early, if it did; time that ran out and too many failures do not matter once every target has an outcome
 *   (the rules then judge all of them).
 */
async function sealSnapshot(job: SyncJob, plan: Plan, progress: Progress, stopped: unknown): Promise<Seal> {
  const { output, snapshot, scope, maxFailedPercent, maxShrinkPercent } = job;
  const kind = stopped instanceof SyncError ? stopped.kind : undefined;
  if (stopped !== undefined && (kind === undefined || kind === 'interrupted' || kind === 'output'))
    throw describeStop(job, plan, progress, stopped);
  await readNewParts(output, snapshot, plan, progress);
  const seal = await readSeal(output, snapshot);
  if (seal !== undefined) return seal;
  const { statuses } = progress;
  const missing = statuses.count(undefined);
  const sufficesWhenWhole = kind === 'out_of_time' || kind === 'not_published';
  if (stopped !== undefined && (!sufficesWhenWhole || missing > 0)) throw describeStop(job, plan, progress, stopped);
  const previous = scope === 'full' ? await findPreviousFullCommit(output, snapshot) : undefined;
  const refusal = describeRefusal({ scope, targetCount: plan.targetCount, statuses, maxFailedPercent, maxShrinkPercent, previous });
  if (refusal !== undefined) throw new SyncError('not_published', `snapshot ${snapshot.id} is not published: ${refusal}`);
  await requirePlan(output, snapshot);
  if (job.interrupt.aborted) throw describeStop(job, plan, progress, job.interrupt.reason);
  const finishedAt = formatInstant(job.clock.now());
  return createSeal(output, snapshot, {
    format,
    parts: [...progress.names].sort(),
    run_id: job.runId,
    // A clock that jumped back must not end a snapshot before it began.
    finished_at: finishedAt < plan.header.started_at ? plan.header.started_at : finishedAt,
    code_version: job.codeVersion,
  });
}

/** Adds to the reason of a stop how far the snapshot got, and how to go on. */
function describeStop(job: SyncJob, plan: Plan, progress: Progress, stopped: unknown): unknown {
  if (!(stopped instanceof SyncError)) return stopped;
  const settled = plan.targetCount - progress.statuses.count(undefined);
  const kept = `${settled} of ${plan.targetCount} targets are settled and kept in snapshot ${job.snapshot.id}`;
  if (stopped.kind === 'out_of_time') {
    const settledNow = settled - progress.settledBefore;
    const advice =
      settledNow === 0
        ? 'this run settled none: allow more time (MAX_RUN_SECONDS), or look at what LaunchDarkly answers'
        : `about ${Math.ceil((plan.targetCount - settled) / settledNow)} more of this length will finish it, run the same snapshot again`;
    return new SyncError(stopped.kind, `${stopped.message}: ${kept}; ${advice}`, {
      cause: stopped,
    });
  }
  return new SyncError(stopped.kind, `${stopped.message}; ${kept}`, { cause: stopped });
}

/** Loads and commits; nothing stops a run any more. */
async function finish(job: SyncJob, plan: Plan | undefined, seal: Seal, byThisRun: boolean): Promise<SyncResult> {
  if (plan === undefined) throw planIsGone(job.output, job.snapshot);
  job.onEvent({ kind: 'sealed', byThisRun });
  // Loaded when its turn comes: half of the code is not needed before the first request.
  const { publishSnapshot } = await import('./publish-snapshot.ts');
  return { row: await publishSnapshot({ output: job.output, snapshot: job.snapshot, plan, seal }), alreadyPublished: false };
}
