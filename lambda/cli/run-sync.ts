import { randomUUID } from 'node:crypto';
import { systemClock } from '../clock.ts';
import { snapshotAt } from '../contract/objects.ts';
import { SyncError } from '../errors.ts';
import { openOutput } from '../output/open-output.ts';
import { boundHeap } from './bound-heap.ts';
import type { CommandContext } from './command-context.ts';
import { describeFailures, describeInstant, describeSummary } from './describe.ts';
import { exitCodeOfStatus } from './exit-codes.ts';
import { launchDarklyOptions, maxRunMs } from './launchdarkly-access.ts';
import type { Invocation } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { createReporter } from './reporter.ts';

/** Takes a snapshot and publishes it; the exit code says whether it is complete. */
export async function runSync(invocation: Invocation, context: CommandContext): Promise<number> {
  const { environment, version, userAgent, interrupt, withoutToken } = context;
  const { settings, targets, atMs } = await readConfiguration(invocation, environment, [
    'outputUri',
    ...(invocation.only.length > 0 ? [] : (['targetsUri'] as const)),
    'accessToken',
  ]);
  const snapshot = snapshotAt(atMs);
  const output = await openOutput(settings.outputUri ?? '', environment);
  const reporter = await createReporter(process.stderr, systemClock);
  try {
    const { syncMetricGroups } = await import('../sync.ts');
    reporter.say(`Snapshot ${snapshot.id}`);
    boundHeap();
    const { row, alreadyPublished } = await syncMetricGroups({
      snapshot,
      scope: invocation.only.length > 0 ? 'subset' : 'full',
      targets,
      output,
      launchDarkly: await launchDarklyOptions(settings, context),
      maxRunMs: maxRunMs(settings),
      maxFailedPercent: settings.maxFailedPercent,
      maxShrinkPercent: settings.maxShrinkPercent,
      maintainerDetails: settings.maintainerDetails,
      runId: randomUUID(),
      codeVersion: version,
      userAgent,
      clock: systemClock,
      random: Math.random,
      interrupt,
      onEvent: reporter.onEvent,
    });
    reporter.close();
    const json = alreadyPublished ? { ...row, alreadyPublished } : row;
    const summary = { row, alreadyPublished, asked: reporter.asked(), failures: reporter.failures(), outputUri: settings.outputUri ?? '' };
    process.stdout.write(invocation.isJson ? `${JSON.stringify(json)}\n` : `${describeSummary(summary)}\n`);
    return exitCodeOfStatus(row.status);
  } catch (error) {
    reporter.close();
    for (const line of describeFailures(reporter.failures())) reporter.say(withoutToken(line));
    throw reporter.isPlanned() && goesOn(error)
      ? new SyncError(error.kind, `${error.message}\n${howToGoOn(snapshot.atMs)}`, { cause: error })
      : error;
  } finally {
    output.close();
  }
}

/** Whatever stopped a run, what was answered is kept in its snapshot: only settings and targets are another matter. */
function goesOn(error: unknown): error is SyncError {
  return error instanceof SyncError && error.kind !== 'configuration' && error.kind !== 'unreadable';
}

function howToGoOn(atMs: number): string {
  return `To go on with this snapshot, run the same command with --snapshot-time ${describeInstant(atMs)} (within 24 hours)`;
}
