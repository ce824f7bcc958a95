import { boundHeap } from '../bound-heap.ts';
import { systemClock } from '../clock.ts';
import { toRfc3339 } from '../contract/instants.ts';
import { snapshotAt } from '../contract/objects.ts';
import { SyncError } from '../errors.ts';
import { openOutput } from '../output/open-output.ts';
import type { SnapshotJob } from '../sync-job.ts';
import type { CommandContext } from './command-context.ts';
import { describeFailures } from './describe.ts';
import type { Configuration } from './read-configuration.ts';
import { createReporter, type Reporter } from './reporter.ts';

/**
 * Shows on stderr what work on a snapshot does, and closes its output.
 * @returns what the work comes to; progress is no longer shown then
 * @throws what the work threw, with a word on how to go on
 */
export async function watchSnapshot<T>(
  { settings, atMs }: Configuration,
  { environment, interrupt, stderr, withoutToken }: CommandContext,
  work: (job: SnapshotJob, reporter: Reporter) => Promise<T>,
): Promise<T> {
  const snapshot = snapshotAt(atMs);
  const output = await openOutput(settings.outputUri ?? '', environment);
  const reporter = await createReporter(stderr, environment, systemClock);
  try {
    reporter.say(`Snapshot ${snapshot.id}`);
    boundHeap();
    const result = await work({ snapshot, output, clock: systemClock, interrupt, onEvent: reporter.onEvent }, reporter);
    reporter.close();
    return result;
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
  return `To go on with this snapshot, run the same command with --snapshot-time ${toRfc3339(atMs)} (within 24 hours)`;
}
