import type { Context } from 'aws-lambda';
import { readGivenTargets, settingsToPlan } from './given-targets.ts';
import { runInvocation } from './lambda-run.ts';
import { syncMetricGroups } from './sync.ts';
import { type PublishedRow, toPublishedRow } from './sync-job.ts';

/**
 * Takes and publishes one snapshot; returns the row it committed.
 * @throws SyncError whenever nothing is published, so that the invocation fails and is tried again
 */
export const handler = (event: unknown, context: Context): Promise<PublishedRow> =>
  runInvocation(event, context, settingsToPlan, async (run) => {
    const given = await readGivenTargets(run);
    const result = await run.ask((job) => syncMetricGroups({ ...job, ...given }));
    run.observer.published(result.row, result.alreadyPublished);
    return toPublishedRow(result);
  });
