import { readFileSync, writeFileSync } from 'node:fs';

/** What a process used from its start to its end, as `measure.ts` leaves it behind. */
export type ResourcesUsed = {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  readonly peakBytes: number;
};

/** The environment variable that names the file to leave the figures in. */
export const resourcesFileVariable = 'BENCH_RESOURCES_FILE';

// Loaded into the measured process by `--import`; the figures of a process that has ended are out of reach for its parent.
const file = process.env[resourcesFileVariable];
if (file !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const used: ResourcesUsed = { cpuMs: (userCPUTime + systemCPUTime) / 1000, peakBytes: (readPeakKilobytes() ?? maxRSS) * 1024 };
    writeFileSync(file, JSON.stringify(used));
  });
}

/** Linux counts in `maxRSS` what the parent held at the fork (getrusage(2) survives an execve); `VmHWM` is this program's own. */
function readPeakKilobytes(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return peak === undefined ? undefined : Number(peak);
}
