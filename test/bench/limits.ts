import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure, Findings } from './figures.ts';
import { startLaunchDarklyProcess } from './launchdarkly-process.ts';
import { runJob, type Subject } from './subjects.ts';

/** A rate limit, and how many groups to get through it. */
type Limit = { readonly perWindow: number; readonly groups: number; readonly ratio: { readonly told: number; readonly untold: number } };

type Measured = { readonly ratio: number; readonly requestsRatio: number; readonly rateLimited: number; readonly lost: number };

const windowMs = 10_000;
const latencyMs = 50;
const maxConcurrentRequests = 16;
const limits: readonly Limit[] = [
  { perWindow: 100, groups: 500, ratio: { told: 1.03, untold: 1.25 } },
  { perWindow: 5, groups: 30, ratio: { told: 1.05, untold: 1.4 } },
];
/** Processes that start at the same moment would share the cores of a small machine. */
const apartMs = 700;

/** Measures the time that rate limits take, all runs side by side: they mostly wait. */
export async function measureLimits(): Promise<Findings> {
  const jobs = limits.flatMap((limit, index) => [
    { limit, subject: 'sync' as const, headers: 'all', startMs: index * apartMs },
    { limit, subject: 'sync' as const, headers: 'none', startMs: (index + 2) * apartMs },
    // It does not read headers: once without is enough.
    { limit, subject: 'plain' as const, headers: 'none', startMs: (index + 4) * apartMs },
  ]);
  const measured = await Promise.all(jobs.map((job) => measureLimit(job.subject, job.limit, job.headers, job.startMs)));
  const figures = limits.flatMap(({ perWindow, groups, ratio }, index): Figure[] => {
    const [told, untold, plain] = measured.slice(index * 3, index * 3 + 3);
    if (told === undefined || untold === undefined || plain === undefined) return [];
    const name = `${perWindow} per 10 s, ${groups} groups`;
    const withHeaders: Figure[] = [
      { name: `${name}: time / ideal`, sync: told.ratio, plain: plain.ratio, bound: { atMost: ratio.told }, digits: 2 },
      { name: '  first to last request / ideal', sync: told.requestsRatio, plain: plain.requestsRatio, digits: 2 },
      { name: '  429s received', sync: told.rateLimited, plain: plain.rateLimited, bound: { atMost: 4 } },
      { name: '  groups lost', sync: told.lost, plain: plain.lost, bound: { atMost: 0 } },
    ];
    const withoutHeaders: Figure[] = [
      { name: `${name}, no headers: time / ideal`, sync: untold.ratio, plain: plain.ratio, bound: { atMost: ratio.untold }, digits: 2 },
      { name: '  first to last request / ideal', sync: untold.requestsRatio, plain: plain.requestsRatio, digits: 2 },
      { name: '  429s received', sync: untold.rateLimited, plain: plain.rateLimited },
      { name: '  groups lost', sync: untold.lost, plain: plain.lost, bound: { atMost: 0 } },
    ];
    return [...withHeaders, ...withoutHeaders];
  });
  return {
    title: `Rate limits, ${latencyMs} ms latency (ideal: the windows' own time, the first used at once; time: the whole process)`,
    figures,
  };
}

async function measureLimit(subject: Subject, { perWindow, groups }: Limit, headers: string, startMs: number): Promise<Measured> {
  const launchDarkly = await startLaunchDarklyProcess(
    ...['--groups', `${groups}`, '--limit', `${perWindow}`, '--window-ms', `${windowMs}`],
    ...['--latency-ms', `${latencyMs}`, '--headers', headers],
  );
  try {
    await sleep(startMs + 2 * apartMs);
    const job = await runJob(subject, { launchDarkly, groups, maxRequestsPerSecond: 200, maxConcurrentRequests });
    const { rateLimited, firstRequestAt, lastRequestAt } = await launchDarkly.stats();
    const requestsMs = (lastRequestAt ?? Number.NaN) - (firstRequestAt ?? Number.NaN) + latencyMs;
    const ideal = idealMs(groups, perWindow);
    return { ratio: job.wallMs / ideal, requestsRatio: requestsMs / ideal, rateLimited, lost: job.lost };
  } finally {
    await launchDarkly.stop();
  }
}

/** What the windows alone take: all but the last one whole, and in the last one as many rounds as connections make of it. */
function idealMs(groups: number, perWindow: number): number {
  const windows = Math.ceil(groups / perWindow);
  const inLast = groups - (windows - 1) * perWindow;
  return (windows - 1) * windowMs + Math.ceil(inLast / maxConcurrentRequests) * latencyMs;
}
