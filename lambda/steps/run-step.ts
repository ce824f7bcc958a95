import type { Context } from 'aws-lambda';
import type { SettingName } from '../contract/settings.ts';
import { stepErrorName } from '../contract/step-events.ts';
import { SyncError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import { type LambdaRun, runInvocation } from '../lambda-run.ts';

/**
 * Runs one invocation of a step of the state machine.
 * @throws Error named after the kind of a `SyncError`: the state machine knows errors by their name alone
 */
export async function runStep<T>(
  event: unknown,
  context: Context,
  required: (invocation: Invocation) => readonly SettingName[],
  work: (run: LambdaRun) => Promise<T>,
): Promise<T> {
  try {
    return await runInvocation(event, context, required, work);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw Object.assign(new Error(error.message, { cause: error }), { name: stepErrorName(error.kind) });
  }
}
