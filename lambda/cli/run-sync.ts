import { randomUUID } from 'node:crypto';
import type { CommandContext } from './command-context.ts';
import { askingJob } from './launchdarkly-access.ts';
import type { Invocation } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { watchSnapshot } from './watch-snapshot.ts';

/** Takes a snapshot and publishes it; the exit code says whether it is complete. */
export async function runSync(invocation: Invocation, context: CommandContext): Promise<number> {
  const isSubset = invocation.only.length > 0;
  const configuration = await readConfiguration(invocation, context.environment, [
    'outputUri',
    ...(isSubset ? [] : (['targetsUri'] as const)),
    'accessToken',
  ]);
  const { settings, takeTargets } = configuration;
  const published = await watchSnapshot(configuration, context, async (job, reporter) => {
    const { syncMetricGroups } = await import('../sync.ts');
    const result = await syncMetricGroups({
      ...job,
      ...(await askingJob(settings, context)),
      scope: isSubset ? 'subset' : 'full',
      takeTargets,
      maxFailedPercent: settings.maxFailedPercent,
      maxShrinkPercent: settings.maxShrinkPercent,
      runId: randomUUID(),
      codeVersion: context.version,
    });
    return { ...result, asked: reporter.asked(), failures: reporter.failures() };
  });
  const { printPublished } = await import('./print-published.ts');
  return printPublished(invocation, context, { ...published, outputUri: settings.outputUri ?? '' });
}
