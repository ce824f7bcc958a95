import type { Clock } from './clock.ts';
import { tablePrefix } from './contract/objects.ts';
import type { MaintainerDetails, Status, Target } from './contract/raw.ts';
import { everyGroup } from './contract/targets.ts';
import { SyncError } from './errors.ts';
import { extractTarget } from './extract/extract-target.ts';
import { judgeAnswer } from './extract/judge-answer.ts';
import type { LaunchDarklyClient } from './extract/launchdarkly-client.ts';
import { listingPath, listMetricGroups } from './extract/list-metric-groups.ts';
import type { Output } from './output/output.ts';
import { runWorkers, workersFor } from './run-workers.ts';

/** How one listed target could be read; `*` is reported as such. */
export type CheckedTarget = {
  readonly projectKey: string;
  readonly metricGroupKey: string;
  readonly status: Status;
  readonly message: string;
};

/** What a check found: an entry a listed target, and what is wrong beside them. */
export type CheckResult = { readonly targets: readonly CheckedTarget[]; readonly problems: readonly string[] };

/** Checks token, projects, targets and output, and reports everything in one go; nothing is written. */
export async function checkAccess(options: {
  readonly targets: readonly Target[];
  readonly output: Output;
  readonly client: LaunchDarklyClient;
  readonly maintainerDetails: MaintainerDetails;
  readonly slots: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<CheckResult> {
  const { output, client, clock, signal, maintainerDetails } = options;
  const problems: string[] = [];
  const note = (error: unknown): void => {
    if (!(error instanceof SyncError)) throw error;
    if (error.kind === 'interrupted') throw error;
    problems.push(error.message);
  };
  await output.list(tablePrefix('sync_snapshots')).catch(note);

  const targets = [...new Map(options.targets.map((target) => [`${target.projectKey}/${target.metricGroupKey}`, target])).values()];
  try {
    problems.push(...(await checkToken(client, maintainerDetails)));
  } catch (error) {
    // Refused, or stopped before it was known: nothing else would be answered.
    note(error);
    return {
      targets: targets.map((target) => ({ ...target, status: 'failed', message: 'not asked: see the problem above' })),
      problems,
    };
  }

  const checked = new Map<Target, CheckedTarget>();
  const check = async (
    isWanted: (target: Target) => boolean,
    ask: (target: Target, onBackOff: () => void) => Promise<Omit<CheckedTarget, keyof Target>>,
  ): Promise<void> => {
    async function* feed(): AsyncGenerator<Target> {
      yield* targets.filter(isWanted);
    }
    // One route after the other: each has a budget of its own.
    await runWorkers(feed(), workersFor(options.slots), signal, async (target, addWorker) => {
      checked.set(target, { ...target, ...(await ask(target, addWorker)) });
    });
  };
  await check(
    ({ metricGroupKey }) => metricGroupKey === everyGroup,
    async ({ projectKey }) => {
      const listing = await listMetricGroups(client, projectKey, maintainerDetails);
      if (listing.kind === 'not settled') return { status: listing.status, message: listing.message };
      return { status: 'succeeded', message: `${listing.keys.length} metric groups` };
    },
  ).catch(note);
  await check(
    ({ metricGroupKey }) => metricGroupKey !== everyGroup,
    async ({ projectKey, metricGroupKey }, onBackOff) => {
      const { status, error_message } = await extractTarget(
        { project_key: projectKey, metric_group_key: metricGroupKey },
        client,
        maintainerDetails,
        clock,
        onBackOff,
      );
      return { status, message: error_message ?? 'readable' };
    },
  ).catch(note);

  const missingIn = new Set(
    [...checked.values()]
      .filter(({ status, metricGroupKey }) => status === 'not_found' && metricGroupKey !== everyGroup)
      .map(({ projectKey }) => projectKey),
  );
  const projects = await describeProjects(missingIn, client).catch((error) => {
    note(error);
    return new Map<string, string>();
  });
  return {
    targets: targets.map((target) => {
      const entry = checked.get(target) ?? { ...target, status: 'failed' as const, message: 'not asked: the check ended before' };
      const project = entry.status === 'not_found' ? projects.get(target.projectKey) : undefined;
      return project === undefined ? entry : { ...entry, message: `${entry.message} (${project})` };
    }),
    problems,
  };
}

/** Asks who the token belongs to; returns what kept it from being verified. @throws SyncError of kind `token_refused` on a 401 */
async function checkToken(client: LaunchDarklyClient, details: MaintainerDetails): Promise<string[]> {
  const { result } = await client.ask('caller identity', '/api/v2/caller-identity');
  if (result.kind === 'answer' && result.status === 200) return [];
  const { error_code, error_message } = judgeAnswer(result, '', details);
  return [`the access token could not be verified: ${error_message} (${error_code})`];
}

/** A 404 does not tell a missing group from a missing project: the project's listing does. */
async function describeProjects(projectKeys: ReadonlySet<string>, client: LaunchDarklyClient): Promise<Map<string, string>> {
  const described = new Map<string, string>();
  for (const projectKey of projectKeys) {
    const { result } = await client.ask('metric groups', listingPath(projectKey, 0));
    if (result.kind !== 'answer') continue;
    if (result.status === 200)
      described.set(projectKey, `project ${projectKey} is readable: the group was deleted, or its key is misspelt`);
    if (result.status === 404) described.set(projectKey, `project ${projectKey} is unknown, or hidden from the token`);
  }
  return described;
}
