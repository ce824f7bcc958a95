import type { PartLine } from './contract/raw.ts';
import { SyncError } from './errors.ts';
import { extractSlices } from './extract/extract-slices.ts';
import { extractTarget } from './extract/extract-target.ts';
import type { LaunchDarklyClient } from './extract/launchdarkly-client.ts';
import { createPartWriter } from './extract/part-writer.ts';
import type { RunLimits } from './run-limits.ts';
import { workersFor } from './run-workers.ts';
import { fetchPart } from './snapshot/parts.ts';
import type { Plan } from './snapshot/plan.ts';
import { type Progress, recordPart } from './snapshot/progress.ts';
import { allowedByPercent } from './snapshot/publish-rules.ts';
import type { ExtractJob } from './sync-job.ts';

/** Asks for all targets without an answer; returns the reason where the run was stopped before. Whatever was answered is written. */
export async function extractOutcomes(
  job: ExtractJob,
  client: LaunchDarklyClient,
  plan: Plan,
  progress: Progress,
  limits: RunLimits,
): Promise<unknown> {
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
    workers: workersFor(job.launchDarkly.maxConcurrentRequests),
    signal: limits.signal,
    extract: (target, onBackOff) =>
      extractTarget(target, client, job.maintainerDetails, clock, onBackOff).catch((error) => {
        // Whatever ends one worker ends them all.
        limits.stop(error);
        throw error;
      }),
    onOutcome,
  }).catch(limits.stop);
  await parts.settle();
  return limits.signal.aborted ? limits.signal.reason : undefined;
}
