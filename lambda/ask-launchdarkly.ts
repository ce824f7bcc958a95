import type { Turn } from './extract/gate.ts';
import { createLaunchDarklyClient, type LaunchDarklyClient } from './extract/launchdarkly-client.ts';
import type { RunLimits } from './run-limits.ts';
import type { AskingJob } from './sync-job.ts';

/**
 * Gives a client to work that asks LaunchDarkly, tells what was asked, and ends the client.
 * @param turn Given where several runs share one pace.
 */
export async function askLaunchDarkly<T>(
  job: AskingJob,
  limits: RunLimits,
  work: (client: LaunchDarklyClient) => Promise<T>,
  turn?: Turn,
): Promise<T> {
  const { clock, random, userAgent, onEvent } = job;
  const client = createLaunchDarklyClient(job.launchDarkly, {
    clock,
    random,
    userAgent,
    turn,
    signal: limits.signal,
    onWait: (wait) => onEvent({ kind: 'wait', ...wait }),
    onAnswer: limits.noteAnswer,
  });
  try {
    return await work(client);
  } finally {
    onEvent({ kind: 'asked', ...client.counts });
    await client.close();
  }
}
