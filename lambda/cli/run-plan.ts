import { toRfc3339 } from '../contract/instants.ts';
import { snapshotAt } from '../contract/objects.ts';
import type { CommandContext } from './command-context.ts';
import { formatCount } from './describe.ts';
import { askingJob } from './launchdarkly-access.ts';
import type { Invocation } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { watchSnapshot } from './watch-snapshot.ts';

/** Plans a snapshot, and prints which slices there are to extract. */
export async function runPlan(invocation: Invocation, context: CommandContext): Promise<number> {
  const isSubset = invocation.only.length > 0;
  const configuration = await readConfiguration(invocation, context.environment, [
    'outputUri',
    ...(isSubset ? [] : (['targetsUri'] as const)),
    'accessToken',
  ]);
  const { settings, takeTargets, atMs } = configuration;
  const { state, targetCount, sliceCount } = await watchSnapshot(configuration, context, async (job) => {
    const { planSnapshot } = await import('../steps/plan-snapshot.ts');
    return planSnapshot({ ...job, ...(await askingJob(settings, context)), scope: isSubset ? 'subset' : 'full', takeTargets });
  });
  const { id, atMs: cutMs } = snapshotAt(atMs);
  const json = { snapshotId: id, snapshotTime: toRfc3339(cutMs), state, targets: targetCount, slices: sliceCount };
  const slices = sliceCount === 1 ? '1 slice: --slice 0' : `${formatCount(sliceCount)} slices: --slice 0-${sliceCount - 1}`;
  const text = `Snapshot ${id} is ${state}: ${formatCount(targetCount)} targets in ${slices} --snapshot-time ${json.snapshotTime}`;
  context.stdout.write(`${invocation.isJson ? JSON.stringify(json) : text}\n`);
  return 0;
}
