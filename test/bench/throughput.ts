import { type Findings, median } from './figures.ts';
import { startLaunchDarklyProcess } from './launchdarkly-process.ts';
import { type Job, runJob, type Subject } from './subjects.ts';

const groups = 10_000;
const tables = 5;

/** Measures CPU, memory, size and objects of 10,000 groups without limits. */
export async function measureThroughput(runs: number): Promise<Findings> {
  const launchDarkly = await startLaunchDarklyProcess('--groups', `${groups}`);
  const run = (subject: Subject): Promise<Job> =>
    runJob(subject, { launchDarkly, groups, maxRequestsPerSecond: 1000, maxConcurrentRequests: 32 });
  const jobs: { sync: Job; plain: Job }[] = [];
  try {
    for (let done = 0; done < runs; done++) jobs.push({ sync: await run('sync'), plain: await run('plain') });
  } finally {
    await launchDarkly.stop();
  }
  const both = (read: (job: Job) => number): { sync: number; plain: number } => ({
    sync: median(jobs.map(({ sync }) => read(sync))),
    plain: median(jobs.map(({ plain }) => read(plain))),
  });
  const objects = both((job) => job.objects);
  const seconds = both((job) => job.wallMs / 1000);
  return {
    title: `10,000 groups without limits, up to 1,000 a second (plain: as fast as it goes)${runs > 1 ? `, median of ${runs}` : ''}`,
    figures: [
      { name: 'groups per CPU second', ...both((job) => (job.groups / job.cpuMs) * 1000), bound: { atLeast: 1000 } },
      { name: 'peak memory, MB', ...both((job) => job.peakBytes / 1e6), bound: { atMost: 160 } },
      { name: 'wall time, s', ...seconds, digits: 1 },
      { name: 'KB of tables per 1,000 groups', ...both((job) => job.tableBytes / job.groups), bound: { atMost: 400 } },
      {
        name: 'objects (10 + tables + N/100 + seconds/10)',
        ...objects,
        bound: { atMost: 10 + tables + groups / 100 + Math.floor(seconds.sync / 10) },
      },
      { name: 'groups lost', ...both((job) => job.lost), bound: { atMost: 0 } },
    ],
  };
}
