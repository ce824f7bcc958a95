import { gunzipSync } from 'node:zlib';
import { systemClock } from '../lambda/clock.ts';
import { type Snapshot, snapshotAt } from '../lambda/contract/objects.ts';
import type { Output } from '../lambda/output/output.ts';
import { syncMetricGroups } from '../lambda/sync.ts';
import type { SyncEvent, SyncJob, SyncResult } from '../lambda/sync-job.ts';
import type { SimulatedLaunchDarkly } from './launchdarkly/server.ts';

/** A snapshot of the present second. */
export const presentSnapshot = (): Snapshot => snapshotAt(Date.now());

/** Runs a whole sync against the simulated LaunchDarkly; the job's parts may be replaced one by one. */
export async function runSync(
  launchDarkly: SimulatedLaunchDarkly,
  output: Output,
  changes: Partial<SyncJob> = {},
): Promise<SyncResult & { readonly events: readonly SyncEvent[] }> {
  const events: SyncEvent[] = [];
  const result = await syncMetricGroups(jobOf(launchDarkly, output, { onEvent: (event) => events.push(event), ...changes }));
  return { ...result, events };
}

/** All that a run against the simulated LaunchDarkly needs; its parts may be replaced one by one. */
export const jobOf = (launchDarkly: SimulatedLaunchDarkly, output: Output, changes: Partial<SyncJob> = {}): SyncJob => ({
  snapshot: presentSnapshot(),
  scope: 'full',
  takeTargets: () => [{ projectKey: 'demo', metricGroupKey: '*' }],
  output,
  launchDarkly: asksOf(launchDarkly),
  maxRunMs: undefined,
  maxFailedPercent: 20,
  maxShrinkPercent: 50,
  maintainerDetails: 'keep',
  runId: 'run-1',
  codeVersion: '0.0.0-test',
  userAgent: 'metric-group-sync/0.0.0-test',
  clock: systemClock,
  random: () => 0.5,
  interrupt: new AbortController().signal,
  onEvent: () => {},
  ...changes,
});

/** How tests ask: fast, and without patience. */
export const asksOf = ({ url, token }: SimulatedLaunchDarkly): SyncJob['launchDarkly'] => ({
  baseUrl: url,
  accessToken: token,
  maxRequestsPerSecond: 1000,
  maxConcurrentRequests: 8,
  maxAttempts: 2,
  requestTimeoutMs: 5_000,
});

/** The lines of an object, parsed. */
export function readLines(content: Buffer | undefined): Record<string, unknown>[] {
  if (content === undefined) throw new Error('no such object');
  const text = gunzipSync(content).toString('utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const varying = new Set([
  'extracted_at',
  'duration_ms',
  'started_at',
  'finished_at',
  'run_id',
  'requests_total',
  'retries_total',
  'rate_limited_total',
  'rate_limited_count',
  'attempts',
]);

/** All table rows by object, without what differs from run to run. */
export function tablesOf(objects: ReadonlyMap<string, Buffer>): Record<string, Record<string, unknown>[]> {
  const tables = [...objects].filter(([object]) => object.startsWith('tables/')).sort();
  return Object.fromEntries(
    tables.map(([object, content]) => [
      object,
      readLines(content).map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !varying.has(name)))),
    ]),
  );
}
