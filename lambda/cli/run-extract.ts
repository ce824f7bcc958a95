import { type Status, statuses } from '../contract/raw.ts';
import { parseSlices } from '../slice-ranges.ts';
import type { ExtractedSlice } from '../steps/extract-planned-slices.ts';
import type { CommandContext } from './command-context.ts';
import { formatCount } from './describe.ts';
import { askingJob } from './launchdarkly-access.ts';
import type { Invocation } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { requireInstant } from './require-instant.ts';
import { watchSnapshot } from './watch-snapshot.ts';

/** Extracts slices of a planned snapshot; 0 where each of their targets has an outcome. */
export async function runExtract(invocation: Invocation, context: CommandContext): Promise<number> {
  const slices = parseSlices(invocation.slices);
  const problems = slices === undefined || slices.size === 0 ? [describeProblem(invocation.slices)] : [];
  const configuration = await readConfiguration(requireInstant(invocation, problems), context.environment, ['outputUri', 'accessToken']);
  const { settings } = configuration;
  const extraction = await watchSnapshot(configuration, context, async (job) => {
    const { extractPlannedSlices } = await import('../steps/extract-planned-slices.ts');
    const asking = { ...(await askingJob(settings, context)), maxFailedPercent: settings.maxFailedPercent };
    const extraction = await extractPlannedSlices({ ...job, ...asking }, slices ?? new Set());
    if (extraction.kind === 'unfinished') throw extraction.reason;
    return extraction;
  });
  const extracted = extraction.kind === 'decided' ? [] : extraction.slices.map(countStatuses);
  if (invocation.isJson) context.stdout.write(`${JSON.stringify(extracted)}\n`);
  else if (extraction.kind === 'decided') context.stdout.write('The snapshot is sealed: nothing is asked any more\n');
  else for (const slice of extracted) context.stdout.write(`${describeSlice(slice)}\n`);
  return 0;
}

type SliceCounts = { readonly slice: number; readonly targets: number } & Readonly<Record<Status, number>>;

function countStatuses({ slice, statuses: ended }: ExtractedSlice): SliceCounts {
  const counts = statuses.map((status) => [status, ended.filter((other) => other === status).length]);
  return { slice, targets: ended.length, ...(Object.fromEntries(counts) as Record<Status, number>) };
}

function describeSlice({ slice, targets, ...counts }: SliceCounts): string {
  const ended = statuses.flatMap((status) => (counts[status] > 0 ? [`${counts[status]} ${status.replace('_', ' ')}`] : []));
  return `Slice ${slice}: ${formatCount(targets)} targets, ${ended.join(', ')}`;
}

const describeProblem = (given: readonly string[]): string =>
  given.length === 0
    ? '--slice is missing: give a number or a range that `plan` prints, such as 0 or 0-9'
    : `--slice is ${JSON.stringify(given.join(' ').slice(0, 60))}; it must be a number or a range that \`plan\` prints, such as 0 or 0-9`;
