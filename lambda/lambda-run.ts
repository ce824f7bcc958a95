import { randomUUID } from 'node:crypto';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import packageJson from '../package.json' with { type: 'json' };
import { withAccessToken } from './access-token.ts';
import { boundHeap } from './bound-heap.ts';
import { systemClock } from './clock.ts';
import { metricNamespace } from './contract/metrics.ts';
import { snapshotAt } from './contract/objects.ts';
import { type Environment, readSettings } from './contract/read-settings.ts';
import type { SettingName, Settings } from './contract/settings.ts';
import { type Invocation, readInvocation } from './invocation.ts';
import { openOutput } from './output/open-output.ts';
import { createRunObserver, type RunObserver } from './run-observer.ts';
import type { AskingJob, PublishJob } from './sync-job.ts';

const environment = process.env;
const logger = new Logger();
const metrics = new Metrics({ namespace: metricNamespace });

/** What an entry is given of one invocation. */
export type LambdaRun = {
  readonly invocation: Invocation;
  readonly settings: Settings;
  readonly environment: Environment;
  readonly observer: RunObserver;
  readonly job: PublishJob;
  /** Does work that asks LaunchDarkly, until the invocation must end; a token that was rotated since it was read is read again once. */
  ask<T>(work: (job: AskingJob & PublishJob) => Promise<T>): Promise<T>;
};

/**
 * Runs one invocation: reads event and settings, logs, reports metrics, and leaves nothing running.
 * @param required Settings without which the entry cannot work.
 * @throws whatever the work throws, so that the invocation fails and is tried again
 */
export async function runInvocation<T>(
  event: unknown,
  context: Context,
  required: (invocation: Invocation) => readonly SettingName[],
  work: (run: LambdaRun) => Promise<T>,
): Promise<T> {
  const runId = randomUUID();
  logger.resetKeys();
  logger.addContext(context);
  logger.appendKeys({ run_id: runId });
  const observer = createRunObserver(logger, metrics);
  const stopBounding = boundHeap();
  try {
    const invocation = readInvocation(event);
    const settings = readSettings({ flags: {}, environment }, required(invocation));
    const snapshot = snapshotAt(invocation.atMs ?? systemClock.now());
    logger.appendKeys({ snapshot_id: snapshot.id });
    const output = await openOutput(settings.outputUri ?? '', environment);
    const job: PublishJob = {
      snapshot,
      output,
      maxFailedPercent: invocation.maxFailedPercent ?? settings.maxFailedPercent,
      maxShrinkPercent: invocation.maxShrinkPercent ?? settings.maxShrinkPercent,
      runId,
      codeVersion: packageJson.version,
      clock: systemClock,
      interrupt: new AbortController().signal,
      onEvent: observer.onEvent,
    };
    const askingJob = (accessToken: string): AskingJob & PublishJob => ({
      ...job,
      launchDarkly: { ...settings, accessToken },
      maxRunMs: runTimeMs(context.getRemainingTimeInMillis(), settings.maxRunSeconds),
      maintainerDetails: settings.maintainerDetails,
      userAgent: `metric-group-sync/${packageJson.version}`,
      random: Math.random,
    });
    const onRotated = (): void => logger.info('the access token was rotated: going on with the new one');
    try {
      return await work({
        invocation,
        settings,
        environment,
        observer,
        job,
        ask: (asking) => withAccessToken(settings.secretId ?? '', (token) => asking(askingJob(token)), onRotated),
      });
    } finally {
      output.close();
    }
  } catch (error) {
    observer.failed(error);
    throw error;
  } finally {
    stopBounding();
    // A step may have nothing to report, of which Powertools would warn.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}

/** How long LaunchDarkly may be asked: what remains, less a margin of a fifth, at most 30 s, in which parts and log are flushed. */
function runTimeMs(remainingMs: number, maxRunSeconds: number | undefined): number {
  const withinInvocationMs = remainingMs - Math.min(remainingMs / 5, 30_000);
  return Math.min(withinInvocationMs, (maxRunSeconds ?? Number.POSITIVE_INFINITY) * 1000);
}
