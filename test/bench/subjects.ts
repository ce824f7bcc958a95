import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createWorld } from '../launchdarkly/world.ts';
import { type LaunchDarklyProcess, projectKey } from './launchdarkly-process.ts';
import { type MeasuredRun, runMeasured } from './measured-process.ts';

/** One job, measured, and what it left behind. */
export type Job = MeasuredRun & {
  readonly groups: number;
  readonly lost: number;
  readonly objects: number;
  /** Compressed bytes of all tables. */
  readonly tableBytes: number;
};

/** What to run a job on. */
export type JobOptions = {
  readonly launchDarkly: LaunchDarklyProcess;
  readonly groups: number;
  readonly maxRequestsPerSecond: number;
  readonly maxConcurrentRequests: number;
  /** Whether CPU and memory are wanted; it costs a few milliseconds at the start. @default true */
  readonly resources?: boolean;
};

/** The programs that are held against each other. */
export type Subject = 'sync' | 'plain';

const programOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs one job into a folder of its own, which is gone afterwards. @throws Error where it fails */
export async function runJob(subject: Subject, options: JobOptions): Promise<Job> {
  const { launchDarkly, groups, resources = true } = options;
  const folder = await mkdtemp(join(tmpdir(), 'metric-group-sync-bench-'));
  try {
    const targets = join(folder, 'targets.json');
    const output = join(folder, 'output');
    await mkdir(output);
    await writeFile(targets, JSON.stringify(targetsOf(groups)));
    const args = subject === 'sync' ? syncArgs(options, targets, output) : plainArgs(options, targets, output);
    const environment = { LAUNCHDARKLY_ACCESS_TOKEN: launchDarkly.token };
    const run = await runMeasured(args, environment, resources ? join(folder, 'resources.json') : undefined);
    const told = JSON.parse(run.stdout) as Record<string, number>;
    const landed = told['targets_succeeded'] ?? told['groups'] ?? 0;
    return { ...run, groups: landed, lost: groups - landed, ...(await measureOutput(output)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function targetsOf(groups: number): { projectKey: string; metricGroupKey: string }[] {
  const keys = createWorld({ projects: { [projectKey]: groups } }).keys(projectKey);
  return keys.map((metricGroupKey) => ({ projectKey, metricGroupKey }));
}

/** As `npm run sync` starts it. */
function syncArgs({ launchDarkly, maxRequestsPerSecond, maxConcurrentRequests }: JobOptions, targets: string, output: string): string[] {
  return [
    ...[
      '-r',
      programOf('../../lambda/require-node.cjs'),
      programOf('../../lambda/cli.ts'),
      'sync',
      '--json',
      '--base-url',
      launchDarkly.url,
      '--targets',
      targets,
      '--output',
      output,
    ],
    ...['--max-requests-per-second', `${maxRequestsPerSecond}`, '--max-concurrent-requests', `${maxConcurrentRequests}`],
  ];
}

function plainArgs({ launchDarkly, maxConcurrentRequests }: JobOptions, targets: string, output: string): string[] {
  return [programOf('./plain-sync.ts'), launchDarkly.url, targets, output, `${maxConcurrentRequests}`];
}

async function measureOutput(output: string): Promise<{ objects: number; tableBytes: number }> {
  const entries = await readdir(output, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const tables = files.filter((file) => !file.includes('/raw/'));
  const sizes = await Promise.all(tables.map(async (file) => (await stat(file)).size));
  return { objects: files.length, tableBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
