import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import packageJson from '../package.json' with { type: 'json' };
import { systemClock } from './clock.ts';
import { metricNamespace } from './contract/metrics.ts';
import { snapshotAt } from './contract/objects.ts';
import { readSettings } from './contract/read-settings.ts';
import type { Settings } from './contract/settings.ts';
import { SyncError } from './errors.ts';
import { type Invocation, readInvocation } from './invocation.ts';
import { openOutput } from './output/open-output.ts';
import { readSecretToken } from './read-secret-token.ts';
import { readTargets } from './read-targets.ts';
import { createRunObserver } from './run-observer.ts';
import { type SyncJob, type SyncResult, syncMetricGroups } from './sync.ts';

const environment = process.env;
const logger = new Logger();
const metrics = new Metrics({ namespace: metricNamespace });
/** Kept between warm invocations, and read again when LaunchDarkly refuses it. */
let cachedToken: { readonly secretId: string; readonly token: string } | undefined;

/** The row that was committed; `alreadyPublished` where the commit was there at the start. */
export type HandlerResult = SyncResult['row'] & { readonly alreadyPublished?: true };

/**
 * Takes and publishes one snapshot.
 * @throws SyncError whenever nothing is published, so that the invocation fails and is tried again
 */
export async function handler(event: unknown, context: Context): Promise<HandlerResult> {
  const runId = randomUUID();
  logger.resetKeys();
  logger.addContext(context);
  logger.appendKeys({ run_id: runId });
  const observer = createRunObserver(logger, metrics);
  try {
    const invocation = readInvocation(event);
    const required =
      invocation.targets === undefined ? (['targetsUri', 'outputUri', 'secretId'] as const) : (['outputUri', 'secretId'] as const);
    const settings = readSettings({ flags: {}, environment }, required);
    const { row, alreadyPublished } = await run(invocation, settings, runId, context, observer.onEvent);
    observer.published(row, alreadyPublished);
    return alreadyPublished ? { ...row, alreadyPublished } : row;
  } catch (error) {
    observer.failed(error);
    throw error;
  } finally {
    metrics.publishStoredMetrics();
  }
}

async function run(
  invocation: Invocation,
  settings: Settings,
  runId: string,
  context: Context,
  onEvent: SyncJob['onEvent'],
): Promise<SyncResult> {
  const snapshot = snapshotAt(invocation.atMs ?? systemClock.now());
  logger.appendKeys({ snapshot_id: snapshot.id });
  const targets = invocation.targets ?? (await readTargets(settings.targetsUri ?? '', environment));
  const output = await openOutput(settings.outputUri ?? '', environment);
  const secretId = settings.secretId ?? '';
  const attempt = async (accessToken: string): Promise<SyncResult> =>
    syncMetricGroups({
      snapshot,
      scope: invocation.targets === undefined ? 'full' : 'subset',
      targets,
      output,
      launchDarkly: { ...settings, accessToken },
      maxRunMs: runTimeMs(context.getRemainingTimeInMillis(), settings.maxRunSeconds),
      maxFailedPercent: invocation.maxFailedPercent ?? settings.maxFailedPercent,
      maxShrinkPercent: invocation.maxShrinkPercent ?? settings.maxShrinkPercent,
      maintainerDetails: settings.maintainerDetails,
      runId,
      codeVersion: packageJson.version,
      userAgent: `metric-group-sync/${packageJson.version}`,
      clock: systemClock,
      random: Math.random,
      interrupt: new AbortController().signal,
      onEvent,
    });
  try {
    const token = await accessToken(secretId);
    try {
      return await attempt(token);
    } catch (error) {
      if (!(error instanceof SyncError) || error.kind !== 'token_refused') throw error;
      // Rotated since it was read, perhaps: once more with the secret of now, going on from the parts.
      cachedToken = undefined;
      const current = await accessToken(secretId);
      if (current === token) throw error;
      logger.info('the access token was rotated: going on with the new one');
      return await attempt(current);
    }
  } finally {
    output.close();
  }
}

async function accessToken(secretId: string): Promise<string> {
  if (cachedToken?.secretId !== secretId) cachedToken = { secretId, token: await readSecretToken(secretId) };
  return cachedToken.token;
}

/** How long LaunchDarkly may be asked: what remains, less a margin of a fifth, at most 30 s, in which parts and log are flushed. */
function runTimeMs(remainingMs: number, maxRunSeconds: number | undefined): number {
  const withinInvocationMs = remainingMs - Math.min(remainingMs / 5, 30_000);
  return Math.min(withinInvocationMs, (maxRunSeconds ?? Number.POSITIVE_INFINITY) * 1000);
}
