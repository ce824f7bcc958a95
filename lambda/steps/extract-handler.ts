import type { Context } from 'aws-lambda';
import { toRfc3339 } from '../contract/instants.ts';
import { maxSlices } from '../contract/objects.ts';
import type { ExtractStepResult } from '../contract/step-events.ts';
import { configurationError } from '../errors.ts';
import { isJsonObject } from '../json/json-text.ts';
import { extractPlannedSlices } from './extract-planned-slices.ts';
import { runStep } from './run-step.ts';

/**
 * What a child of the state machine does: extracts one slice of the plan, as far as this turn's time goes.
 * @throws Error where it cannot go on, or a whole turn settled nothing
 */
export const handler = (event: unknown, context: Context): Promise<ExtractStepResult> =>
  runStep(
    event,
    context,
    () => ['outputUri', 'secretId'],
    async (run) => {
      const slice = readSlice(event);
      const extraction = await run.ask((job) => extractPlannedSlices(job, new Set([slice])));
      const isFinished = extraction.kind !== 'unfinished';
      // A turn that settled nothing might be repeated for ever: the retries of the state machine are counted, its turns are not.
      if (extraction.kind === 'unfinished' && extraction.settledNow === 0) throw extraction.reason;
      const { maxFailedPercent = null } = run.invocation;
      const waitSeconds = extraction.kind === 'unfinished' ? Math.ceil(extraction.nextInMs / 1000) : 0;
      return { scheduledTime: toRfc3339(run.job.snapshot.atMs), slice, maxFailedPercent, isFinished, waitSeconds };
    },
  );

function readSlice(event: unknown): number {
  const slice = isJsonObject(event) ? event['slice'] : undefined;
  if (typeof slice === 'number' && Number.isInteger(slice) && slice >= 0 && slice < maxSlices) return slice;
  throw configurationError([`slice of the event is ${JSON.stringify(slice)}; it must be the number of a slice, such as 0`]);
}
