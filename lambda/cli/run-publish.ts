import { randomUUID } from 'node:crypto';
import type { CommandContext } from './command-context.ts';
import { printPublished } from './print-published.ts';
import type { Invocation } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { requireInstant } from './require-instant.ts';
import { watchSnapshot } from './watch-snapshot.ts';

/** Publishes a snapshot whose slices are extracted; the exit code says whether it is complete. Asks LaunchDarkly nothing. */
export async function runPublish(invocation: Invocation, context: CommandContext): Promise<number> {
  const configuration = await readConfiguration(requireInstant(invocation), context.environment, ['outputUri']);
  const { settings } = configuration;
  const published = await watchSnapshot(configuration, context, async (job) => {
    const { publishExtracted } = await import('../steps/publish-extracted.ts');
    return publishExtracted({
      ...job,
      maxFailedPercent: settings.maxFailedPercent,
      maxShrinkPercent: settings.maxShrinkPercent,
      runId: randomUUID(),
      codeVersion: context.version,
    });
  });
  return printPublished(invocation, context, { ...published, asked: undefined, failures: [], outputUri: settings.outputUri ?? '' });
}
