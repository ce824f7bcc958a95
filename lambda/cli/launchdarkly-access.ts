import { systemClock } from '../clock.ts';
import type { Settings } from '../contract/settings.ts';
import type { LaunchDarklyClient, LaunchDarklyOptions } from '../extract/launchdarkly-client.ts';
import { readSecretToken } from '../read-secret-token.ts';
import { createRunLimits } from '../run-limits.ts';
import type { AskingJob, SnapshotJob } from '../sync-job.ts';
import type { CommandContext } from './command-context.ts';

/** How LaunchDarkly is asked, with the token of the environment or else of the secret. */
async function launchDarklyOptions(settings: Settings, context: CommandContext): Promise<LaunchDarklyOptions> {
  const accessToken = settings.accessToken ?? (await readSecretToken(settings.secretId ?? '', context.interrupt));
  context.noteToken(accessToken);
  return { ...settings, accessToken };
}

/** What a step that asks LaunchDarkly needs besides its snapshot. */
export const askingJob = async (settings: Settings, context: CommandContext): Promise<Omit<AskingJob, keyof SnapshotJob>> => ({
  launchDarkly: await launchDarklyOptions(settings, context),
  maxRunMs: maxRunMs(settings),
  maintainerDetails: settings.maintainerDetails,
  userAgent: context.userAgent,
  random: Math.random,
});

/** Milliseconds that a run may ask; undefined: as long as it takes. */
const maxRunMs = ({ maxRunSeconds }: Settings): number | undefined => (maxRunSeconds === undefined ? undefined : maxRunSeconds * 1000);

/** Gives a client to work that publishes nothing, and ends it. */
export async function withClient<T>(
  settings: Settings,
  context: CommandContext,
  work: (client: LaunchDarklyClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { createLaunchDarklyClient } = await import('../extract/launchdarkly-client.ts');
  const options = await launchDarklyOptions(settings, context);
  const limits = createRunLimits(systemClock, maxRunMs(settings), context.interrupt);
  const client = createLaunchDarklyClient(options, {
    clock: systemClock,
    random: Math.random,
    signal: limits.signal,
    userAgent: context.userAgent,
    onWait: () => {},
    onAnswer: limits.noteAnswer,
  });
  try {
    return await work(client, limits.signal);
  } finally {
    await client.close();
    limits.close();
  }
}
