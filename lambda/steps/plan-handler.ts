import type { Context } from 'aws-lambda';
import { toRfc3339 } from '../contract/instants.ts';
import type { PlanStepResult } from '../contract/step-events.ts';
import { readGivenTargets, settingsToPlan } from '../given-targets.ts';
import { planSnapshot } from './plan-snapshot.ts';
import { runStep } from './run-step.ts';

/** The first step of the state machine: plans the snapshot of the event, and tells how many slices are to be extracted. */
export const handler = (event: unknown, context: Context): Promise<PlanStepResult> =>
  runStep(event, context, settingsToPlan, async (run) => {
    const given = await readGivenTargets(run);
    const { state, targetCount, sliceCount } = await run.ask((job) => planSnapshot({ ...job, ...given }));
    const { maxFailedPercent = null, maxShrinkPercent = null } = run.invocation;
    return {
      scheduledTime: toRfc3339(run.job.snapshot.atMs),
      slices: state === 'planned' ? sliceCount : 0,
      targetCount,
      maxFailedPercent,
      maxShrinkPercent,
    };
  });
