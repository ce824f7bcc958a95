import { readSettings } from '../contract/read-settings.ts';
import { isKey } from '../contract/targets.ts';
import { SyncError } from '../errors.ts';
import { safeText } from '../safe-text.ts';
import type { CommandContext } from './command-context.ts';
import { withClient } from './launchdarkly-access.ts';
import type { Invocation } from './program.ts';

/** Prints the targets of a project as JSON. */
export async function runDiscover(invocation: Invocation, context: CommandContext): Promise<number> {
  const project = invocation.project ?? '';
  const problems = [
    ...invocation.problems,
    ...(isKey(project)
      ? []
      : [`--project is ${JSON.stringify(project)}; it must be the key of a project: letters, digits, ".", "_" or "-"`]),
  ];
  const settings = readSettings({ flags: invocation.flags, environment: context.environment }, ['accessToken'], problems);
  const { listMetricGroups } = await import('../extract/list-metric-groups.ts');
  const listing = await withClient(settings, context, (client) => listMetricGroups(client, project, settings.maintainerDetails));
  if (listing.kind === 'not settled')
    throw new SyncError('launchdarkly', `the metric groups of project ${project} cannot be listed: ${safeText(listing.message)}`);
  const [keys, odd] = [listing.keys.filter(isKey), listing.keys.filter((key) => !isKey(key))];
  for (const key of odd) context.stderr.write(`left out, as no key can look like this: ${safeText(JSON.stringify(key))}\n`);
  const targets = keys.map((metricGroupKey) => JSON.stringify({ projectKey: project, metricGroupKey }));
  context.stdout.write(targets.length === 0 ? '[]\n' : `[\n  ${targets.join(',\n  ')}\n]\n`);
  return 0;
}
