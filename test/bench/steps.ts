import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toRfc3339 } from '../../lambda/contract/instants.ts';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import type { Figure, Findings } from './figures.ts';
import { projectKey, startLaunchDarklyProcess } from './launchdarkly-process.ts';
import { type MeasuredRun, runMeasured } from './measured-process.ts';
import { writeParts } from './write-parts.ts';

/** What the three steps of one snapshot took. */
type Steps = { readonly groups: number; readonly plan: MeasuredRun; readonly extract: MeasuredRun; readonly publish: MeasuredRun };

/** Measures each step of a snapshot at growing sizes: the whole plan, one slice at its end, and publishing all of it. */
export async function measureSteps(): Promise<Findings> {
  const sizes = [1_000, 10_000, 100_000, 1_000_000];
  const measured: Steps[] = [];
  for (const groups of sizes) measured.push(await runSteps(groups));
  return {
    title: 'Plan, one slice, publish (listing at 1,000 requests a second; publishing from parts that are there)',
    figures: measured.flatMap((steps, index) => figuresOf(steps, measured[index - 1])),
  };
}

function figuresOf({ groups, plan, extract, publish }: Steps, before: Steps | undefined): Figure[] {
  const name = groups.toLocaleString('en-US');
  const seconds = (run: MeasuredRun): number => run.wallMs / 1000;
  const megabytes = (run: MeasuredRun): number => run.peakBytes / 1e6;
  const growth = before && [
    { name: `  growth of publishing, × ${groups / before.groups} groups`, sync: seconds(publish) / seconds(before.publish), digits: 1 },
    { name: '  growth of its memory', sync: megabytes(publish) / megabytes(before.publish), digits: 2 },
  ];
  return [
    { name: `${name} groups: plan, s`, sync: seconds(plan), digits: 1 },
    { name: '  memory, MB', sync: megabytes(plan) },
    { name: '  one slice (100), s', sync: seconds(extract), digits: 2 },
    { name: '  memory, MB', sync: megabytes(extract) },
    { name: '  publish, s', sync: seconds(publish), digits: 1, bound: { atMost: 900 } },
    { name: '  CPU, s', sync: publish.cpuMs / 1000, digits: 1 },
    { name: '  memory, MB', sync: megabytes(publish), bound: { atMost: 512 } },
    ...(growth ?? []),
  ];
}

async function runSteps(groups: number): Promise<Steps> {
  const folder = await mkdtemp(join(tmpdir(), 'metric-group-sync-bench-'));
  const launchDarkly = await startLaunchDarklyProcess('--groups', `${groups}`);
  try {
    const [targets, output] = [join(folder, 'targets.json'), join(folder, 'output')];
    await writeFile(targets, JSON.stringify([{ projectKey, metricGroupKey: '*' }]));
    const snapshot = snapshotAt(Date.now() - 60_000);
    const run = (command: string, ...flags: readonly string[]): Promise<MeasuredRun> =>
      runMeasured(
        [
          ...['-r', programOf('../../lambda/require-node.cjs'), programOf('../../lambda/cli.ts'), command, '--json'],
          ...['--output', output, '--snapshot-time', toRfc3339(snapshot.atMs), ...flags],
        ],
        { LAUNCHDARKLY_ACCESS_TOKEN: launchDarkly.token },
        join(folder, 'resources.json'),
      );
    const ask = ['--base-url', launchDarkly.url, '--max-requests-per-second', '1000', '--max-concurrent-requests', '32'];
    const plan = await run('plan', '--targets', targets, ...ask);
    const last = groups / 100 - 1;
    await writeParts(output, snapshot, groups, last);
    const extract = await run('extract', '--slice', `${last}`, ...ask);
    return { groups, plan, extract, publish: await run('publish') };
  } finally {
    await launchDarkly.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const programOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
