import { boundHeap } from '../bound-heap.ts';
import { parseDate } from '../contract/instants.ts';
import type { Environment } from '../contract/read-settings.ts';
import { SyncError } from '../errors.ts';
import { openOutput } from '../output/open-output.ts';
import { rebuildSnapshots, type SnapshotRebuild } from '../rebuild-snapshots.ts';
import { safeText } from '../safe-text.ts';
import type { DateRange } from '../snapshot/date-range.ts';
import type { CommandContext } from './command-context.ts';
import { describeRebuild, describeRebuilds, toRebuildJson } from './describe-rebuild.ts';
import type { Invocation } from './program.ts';
import { readOutputUri } from './read-output-uri.ts';

/** Derives the tables of the sealed snapshots of some dates again; 0 where each of them is right now. */
export async function runRebuild(invocation: Invocation, context: CommandContext): Promise<number> {
  const { isJson, isDryRun, from, to } = invocation;
  const { interrupt, environment, stdout, stderr } = context;
  const { outputUri, range } = readConfiguration(invocation, environment);
  const say = (line: string): unknown => stderr.write(`${line}\n`);
  const output = await openOutput(outputUri, environment);
  boundHeap();
  const done: SnapshotRebuild[] = [];
  try {
    for await (const rebuild of rebuildSnapshots({ output, range, isDryRun, interrupt, onBegin: ({ id }) => say(`Snapshot ${id}`) })) {
      done.push(rebuild);
      if (!isJson) stdout.write(`${describeRebuild(rebuild, isDryRun)}\n`);
      if (rebuild.result === 'failed') say(safeText(rebuild.message, 2000));
    }
  } catch (error) {
    if (!(error instanceof SyncError) || error.kind !== 'interrupted') throw error;
    const soFar = `${describeRebuilds(done, isDryRun)}; run the same command again for the rest`;
    throw new SyncError(error.kind, `${error.message} after ${soFar}`, { cause: error });
  } finally {
    output.close();
  }
  if (isJson) stdout.write(`${JSON.stringify(done.map((rebuild) => toRebuildJson(rebuild, isDryRun)))}\n`);
  if (done.length > 0) say(describeRebuilds(done, isDryRun));
  const isAnySealed = done.some(({ result }) => result !== 'unsealed' && result !== 'left_as_it_is');
  if (!isAnySealed) say(`${outputUri} holds no sealed snapshot from ${from} to ${to}: there is nothing to rebuild`);
  return isAnySealed && done.every(({ result }) => result !== 'failed') ? 0 : 1;
}

/** Reads what a rebuild needs, an output and dates, and reports all that is wrong with them at once. */
function readConfiguration(invocation: Invocation, environment: Environment): { outputUri: string; range: DateRange } {
  const problems = [...invocation.problems];
  const readDate = (flag: string, text: string | undefined): number | undefined => {
    const ms = text === undefined ? undefined : parseDate(text);
    if (text === undefined || text === '') problems.push(`${flag} is missing: give a date, such as 2026-11-23`);
    else if (ms === undefined) problems.push(`${flag} is ${JSON.stringify(safeText(text, 40))}; it must be a date, such as 2026-11-23`);
    return ms;
  };
  const [fromMs, toMs] = [readDate('--from', invocation.from), readDate('--to', invocation.to)];
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs)
    problems.push(`--from is ${invocation.from}, which is after --to, ${invocation.to}`);
  const outputUri = readOutputUri(invocation, environment, problems);
  return { outputUri, range: { fromMs: fromMs ?? 0, toMs: toMs ?? 0 } };
}
