import { type Findings, median } from './figures.ts';
import { startLaunchDarklyProcess } from './launchdarkly-process.ts';
import { runJob, type Subject } from './subjects.ts';

const runs = 7;

/** Measures the time from the start of the process to its first request. */
export async function measureStartUp(): Promise<Findings> {
  const found = { sync: [] as number[], plain: [] as number[] };
  for (let run = 0; run < runs; run++) {
    for (const subject of ['sync', 'plain'] as const) found[subject].push(await measureOnce(subject));
  }
  return {
    title: `Start of the process to its first request, median of ${runs}`,
    figures: [
      { name: 'milliseconds', sync: median(found.sync), plain: median(found.plain), bound: { atMost: 180 } },
      { name: 'fastest', sync: Math.min(...found.sync), plain: Math.min(...found.plain) },
    ],
  };
}

async function measureOnce(subject: Subject): Promise<number> {
  // A server remembers its first request only: each run has one of its own.
  const launchDarkly = await startLaunchDarklyProcess('--groups', '1');
  try {
    const job = await runJob(subject, { launchDarkly, groups: 1, maxRequestsPerSecond: 10, maxConcurrentRequests: 4, resources: false });
    const { firstRequestAt } = await launchDarkly.stats();
    return (firstRequestAt ?? Number.NaN) - job.spawnedAtMs;
  } finally {
    await launchDarkly.stop();
  }
}
