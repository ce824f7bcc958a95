import type { MaintainerDetails, PlannedTarget, Target } from '../contract/raw.ts';
import { everyGroup, maxTargets } from '../contract/targets.ts';
import { SyncError } from '../errors.ts';
import { safeText } from '../safe-text.ts';
import { compareTargets } from '../snapshot/compare-targets.ts';
import type { LaunchDarklyClient } from './launchdarkly-client.ts';
import { listMetricGroups } from './list-metric-groups.ts';

/** The targets that a list stands for, sorted like the rows, and what finding them took. */
export type ResolvedTargets = { readonly targets: readonly PlannedTarget[]; readonly requests: number; readonly rateLimited: number };

/**
 * Resolves a list of targets: every `*` by a settled listing, duplicates dropped; a target listed by name is not `discovered`.
 * @throws SyncError of kind `launchdarkly` that names every project whose groups cannot be listed
 */
export async function resolveTargets(
  targets: readonly Target[],
  client: LaunchDarklyClient,
  details: MaintainerDetails,
): Promise<ResolvedTargets> {
  const byName = new Map<string, Map<string, boolean>>();
  const add = (projectKey: string, metricGroupKey: string, discovered: boolean): void => {
    const project = byName.get(projectKey) ?? new Map<string, boolean>();
    byName.set(projectKey, project.set(metricGroupKey, (project.get(metricGroupKey) ?? true) && discovered));
  };
  for (const { projectKey, metricGroupKey } of targets) if (metricGroupKey !== everyGroup) add(projectKey, metricGroupKey, false);

  const projects = [...new Set(targets.filter(({ metricGroupKey }) => metricGroupKey === everyGroup).map(({ projectKey }) => projectKey))];
  const listings = await Promise.all(
    projects.map(async (projectKey) => ({ projectKey, listing: await listMetricGroups(client, projectKey, details) })),
  );
  const problems: string[] = [];
  let requests = 0;
  let rateLimited = 0;
  for (const { projectKey, listing } of listings) {
    if (listing.kind === 'not settled') {
      problems.push(`the metric groups of project ${projectKey} cannot be listed: ${safeText(listing.message)}`);
      continue;
    }
    requests += listing.requests;
    rateLimited += listing.rateLimited;
    for (const key of listing.keys) add(projectKey, key, true);
  }
  if (problems.length > 0) {
    throw new SyncError(
      'launchdarkly',
      `${problems.join('\n')}\nnothing is published of a list that is not known whole: check the project keys and what the token's role may read`,
    );
  }
  const resolved = [...byName].flatMap(([project_key, keys]) =>
    [...keys].map(([metric_group_key, discovered]) => ({ project_key, metric_group_key, discovered })),
  );
  if (resolved.length > maxTargets) {
    throw new SyncError(
      'configuration',
      `the list stands for ${resolved.length} targets; a snapshot holds up to ${maxTargets}: split the list over several outputs`,
    );
  }
  resolved.sort(compareTargets);
  return { targets: resolved, requests, rateLimited };
}
