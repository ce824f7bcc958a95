import { toPublishedRow } from '../sync-job.ts';
import type { CommandContext } from './command-context.ts';
import { describeSummary } from './describe.ts';
import { exitCodeOfStatus } from './exit-codes.ts';
import type { Invocation } from './program.ts';

/** Prints what a command published, or found published; returns the exit code, which says whether it is complete. */
export function printPublished(
  { isJson }: Invocation,
  { stdout }: CommandContext,
  published: Parameters<typeof describeSummary>[0],
): number {
  stdout.write(isJson ? `${JSON.stringify(toPublishedRow(published))}\n` : `${describeSummary(published)}\n`);
  return exitCodeOfStatus(published.row.status);
}
