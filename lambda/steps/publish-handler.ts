import type { Context } from 'aws-lambda';
import { type PublishedRow, toPublishedRow } from '../sync-job.ts';
import { publishExtracted } from './publish-extracted.ts';
import { runStep } from './run-step.ts';

/** The last step of the state machine: seals or refuses, loads and commits; returns the row it committed. It needs no token. */
export const handler = (event: unknown, context: Context): Promise<PublishedRow> =>
  runStep(
    event,
    context,
    () => ['outputUri'],
    async ({ job, observer }) => {
      const result = await publishExtracted(job);
      observer.published(result.row, result.alreadyPublished);
      return toPublishedRow(result);
    },
  );
