import { formatInstant } from './contract/instants.ts';
import { planObject } from './contract/objects.ts';
import { format } from './contract/raw.ts';
import { SyncError } from './errors.ts';
import type { LaunchDarklyClient } from './extract/launchdarkly-client.ts';
import { resolveTargets } from './extract/resolve-targets.ts';
import { encodePlan, fetchPlan, type Plan, planOf } from './snapshot/plan.ts';
import { isSameList, refuseOtherPlan } from './snapshot/refuse-run.ts';
import type { PlanJob } from './sync-job.ts';

/**
 * Follows a plan that is there; tells where the configured list has changed since.
 * @throws SyncError of kind `configuration` where it was made with other intentions
 */
export async function followPlan(job: PlanJob, plan: Plan, given = job.takeTargets()): Promise<void> {
  const isOfOtherTargets = !isSameList(await plan.readGivenTargets(), given);
  refuseOtherPlan(job, plan, isOfOtherTargets);
  if (job.scope === 'full' && isOfOtherTargets) job.onEvent({ kind: 'list changed' });
}

/** Resolves the targets and writes them as the snapshot's plan, or follows the one that another run wrote first. @throws SyncError */
export async function createPlan(job: PlanJob, client: LaunchDarklyClient): Promise<Plan> {
  const startedAt = formatInstant(job.clock.now());
  const given = job.takeTargets();
  const { targets, requests, rateLimited } = await resolveTargets(given, client, job.maintainerDetails);
  if (targets.length === 0) {
    throw new SyncError('not_published', 'the listed projects have no metric group: nothing is published; check the project keys');
  }
  const header = {
    format,
    scope: job.scope,
    maintainer_details: job.maintainerDetails,
    targets: given,
    started_at: startedAt,
    requests,
    rate_limited: rateLimited,
  };
  const content = await encodePlan(header, targets);
  const object = planObject(job.snapshot);
  if ((await job.output.create(object, content)) === 'created') return planOf(header, targets.length, content, object);
  const other = await fetchPlan(job.output, job.snapshot);
  if (other === undefined)
    throw new SyncError('output', `output ${job.output.uri}: ${object} was there and is gone: nothing may be deleted under raw/`);
  await followPlan(job, other, given);
  return other;
}
