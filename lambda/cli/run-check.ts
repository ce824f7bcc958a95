import { systemClock } from '../clock.ts';
import { openOutput } from '../output/open-output.ts';
import { safeText } from '../safe-text.ts';
import type { CommandContext } from './command-context.ts';
import { withClient } from './launchdarkly-access.ts';
import type { Invocation } from './program.ts';
import { readConfiguration } from './read-configuration.ts';

/** Checks token, targets and output; 0 where all is well. */
export async function runCheck(invocation: Invocation, context: CommandContext): Promise<number> {
  const { environment, stdout, stderr, withoutToken } = context;
  const { settings, takeTargets } = await readConfiguration(invocation, environment, ['targetsUri', 'outputUri', 'accessToken']);
  const output = await openOutput(settings.outputUri ?? '', environment);
  const { checkAccess } = await import('../check.ts');
  const { targets: checked, problems } = await withClient(settings, context, (client, signal) =>
    checkAccess({
      targets: takeTargets(),
      output,
      client,
      maintainerDetails: settings.maintainerDetails,
      slots: settings.maxConcurrentRequests,
      clock: systemClock,
      signal,
    }),
  ).finally(() => output.close());
  for (const problem of problems) stderr.write(`${safeText(withoutToken(problem), 2000)}\n`);
  const lines = checked.map(
    ({ projectKey, metricGroupKey, status, message }) => `${status.padEnd(10)} ${projectKey}/${metricGroupKey}  ${safeText(message)}\n`,
  );
  stdout.write(invocation.isJson ? `${JSON.stringify(checked)}\n` : lines.join(''));
  const unreadable = checked.filter(({ status }) => status !== 'succeeded').length;
  const isWell = problems.length === 0 && unreadable === 0;
  const verdict = isWell
    ? 'All is well: the token is good, every target is readable, and the output can be listed'
    : `${unreadable} of ${checked.length} targets are not readable${problems.length > 0 ? ', and there are other problems, above' : ''}`;
  if (!invocation.isJson) stdout.write(`${verdict}\n`);
  return isWell ? 0 : 1;
}
