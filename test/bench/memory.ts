import { type Findings, median } from './figures.ts';
import { startLaunchDarklyProcess } from './launchdarkly-process.ts';
import { runJob, type Subject } from './subjects.ts';

const few = 1_000;
const many = 20_000;

/** Measures whether memory grows with the number of groups. */
export async function measureMemory(runs: number): Promise<Findings> {
  const launchDarkly = await startLaunchDarklyProcess('--groups', `${many}`);
  const peakMegabytes = async (subject: Subject, groups: number): Promise<number> => {
    const peaks: number[] = [];
    for (let run = 0; run < runs; run++) {
      const job = await runJob(subject, { launchDarkly, groups, maxRequestsPerSecond: 1000, maxConcurrentRequests: 32 });
      peaks.push(job.peakBytes / 1e6);
    }
    return median(peaks);
  };
  try {
    const ofFew = { sync: await peakMegabytes('sync', few), plain: await peakMegabytes('plain', few) };
    const ofMany = { sync: await peakMegabytes('sync', many), plain: await peakMegabytes('plain', many) };
    return {
      title: `Memory and the number of groups, median of ${runs}`,
      figures: [
        { name: 'peak memory of 1,000 groups, MB', ...ofFew, bound: { atMost: 160 } },
        { name: 'peak memory of 20,000 groups, MB', ...ofMany, bound: { atMost: 160 } },
        {
          name: '20,000 : 1,000',
          sync: ofMany.sync / ofFew.sync,
          plain: ofMany.plain / ofFew.plain,
          bound: { atMost: 1.2 },
          digits: 2,
        },
      ],
    };
  } finally {
    await launchDarkly.stop();
  }
}
