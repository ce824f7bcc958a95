import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitObject, snapshotAt } from '../../lambda/contract/objects.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { step } from '../engines/step.ts';
import type { SimulatedLaunchDarkly } from '../launchdarkly/server.ts';
import { createMemoryOutput } from '../memory-output.ts';
import { readLines, runSync } from '../run-sync.ts';
import { type Account, actAs } from './account.ts';
import { bootstrapAccount, deployStacks, leaveOutUnknown, lintTemplates, type StackOutputs, synthesizeDeployments } from './deployment.ts';
import { takeAwayTableWrites, takeFailedRun } from './missing-permission.ts';
import { checkCatalogue, checkRawIsRefused, checkTables } from './read-back.ts';
import { invokeFunction, readSchedule, sendEvent } from './schedule.ts';

const minuteAgo = (minutes: number): string => `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, 19)}Z`;
const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

/** The whole proof, top to bottom: deploy, run, read; take a permission away, see it named, give it back, see the run end. */
export async function proveDeployment(root: Account, launchDarkly: SimulatedLaunchDarkly, folder: string): Promise<void> {
  const stack = await deploy(root, launchDarkly, folder);
  const schedule = await step('the schedule, read back from the account', () => readSchedule(root, 'sync'));
  const { scheduler, functionArn, eventAt } = schedule;
  const analyst = await step('an analyst, with the policy that the stack made', () =>
    actAs(root, 'deploy-test-analyst', { managed: stack.AnalystPolicyArn }),
  );
  const expected = createMemoryOutput();
  /** The same snapshot by the same code, in this process: what the tables must hold. */
  const expectSnapshot = async (scheduledTime: string): Promise<void> => {
    await runSync(launchDarkly, expected, { snapshot: snapshotAt(Date.parse(scheduledTime)), codeVersion: packageJson.version });
  };
  const read = (name: string) => () => checkTables(analyst, stack.OutputUri, join(folder, name), expected.objects);

  const first = minuteAgo(2);
  const row = await step(
    "the function, invoked with the schedule's own input and policy",
    () => invokeFunction(scheduler, functionArn, eventAt(first)),
    ({ status, targets_succeeded }) => `${status}, ${targets_succeeded} targets`,
  );
  await expectSnapshot(first);
  await step('the catalogue has the tables, over the folders the rows are in, and the views', () =>
    checkCatalogue(analyst, 'sync', stack.OutputUri),
  );
  await step('the analyst reads the rows that the same code makes here', read('first'), counted);
  const [committed = {}] = readLines(expected.objects.get(commitObject(snapshotAt(Date.parse(first)))));
  assert.deepEqual([row['snapshot_id'], row['metric_group_rows']], [committed['snapshot_id'], committed['metric_group_rows']]);
  await step('the analyst is refused raw answers', () => checkRawIsRefused(analyst, stack.OutputUri));

  const missing = await step("without s3:PutObject on tables/ in the function's role", () => takeAwayTableWrites(root, stack.FunctionName));
  const second = minuteAgo(1);
  const failed = await step(
    'the run fails, is tried again twice, and waits in the queue of failed runs with an error that names it',
    async () => {
      await sendEvent(scheduler, functionArn, eventAt(second));
      const run = await takeFailedRun(root, stack.FailedRunsQueueUrl);
      assert.deepEqual(run.requestPayload, JSON.parse(eventAt(second)));
      assert.match(run.responsePayload.errorMessage ?? '', /\/tables\/.*\(AccessDenied: .*\); access denied: this needs s3:PutObject$/s);
      return run;
    },
    ({ responsePayload }) => `\n                 ${responsePayload.errorMessage}`,
  );
  await step('the tables are as before: nothing of that snapshot is in them', read('second'), counted);
  await step('with the permission restored', missing.restore);
  const askedBefore = launchDarkly.requests.length;
  await step(
    'the event of the queue, sent again, publishes the snapshot',
    () => invokeFunction(scheduler, functionArn, JSON.stringify(failed.requestPayload)),
    ({ status }) => `${status}, with ${launchDarkly.requests.length - askedBefore} requests to LaunchDarkly: all answers were kept`,
  );
  assert.equal(launchDarkly.requests.length, askedBefore);
  await expectSnapshot(second);
  await step('the analyst reads the rows of both snapshots', read('third'), counted);
}

/** Two deployments side by side, the first ready to run. */
async function deploy(root: Account, launchDarkly: SimulatedLaunchDarkly, folder: string): Promise<StackOutputs> {
  const targets = join(folder, 'targets.json');
  writeFileSync(targets, JSON.stringify([{ projectKey: 'demo', metricGroupKey: '*' }]));
  await step('cdk bootstrap, from an empty folder', () => bootstrapAccount(root, folder));
  const { ARN: secretArn } = await step('a secret to give to the stack', () =>
    root.aws<{ ARN: string }>('secretsmanager', 'create-secret', '--name', 'launchdarkly', '--secret-string', 'not yet'),
  );
  const settings = { LAUNCHDARKLY_BASE_URL: launchDarkly.url, MAX_REQUESTS_PER_SECOND: 100 };
  const schedule = 'cron(0 6 * * ? *)';
  const deployments = {
    sync: { schedule, targets, secretArn, settings },
    beside: { schedule: 'rate(1 day)', targets, outputPrefix: '', alarmEmail: 'people@example.com', reservedConcurrency: 1 },
  };
  const assembly = await step('cdk synth of two deployments given on the command line', () =>
    synthesizeDeployments(root, folder, deployments),
  );
  await step('cfn-lint finds nothing in either template', () => lintTemplates(root, assembly, Object.keys(deployments)));
  await step(
    'left out of the templates, since MiniStack knows no such resource',
    async () => leaveOutUnknown(assembly, Object.keys(deployments)),
    (types) => `${types.length} × ${[...new Set(types)].join(', ')}`,
  );
  const outputs = await step('cdk deploy of both, side by side, through the roles of the bootstrap', () =>
    deployStacks(root, folder, assembly),
  );
  await step('the token is stored in the secret', () =>
    root.aws('secretsmanager', 'put-secret-value', '--secret-id', secretArn, '--secret-string', launchDarkly.token),
  );
  const stack = outputs['sync'];
  if (stack === undefined) throw new Error('the stack sync has no outputs');
  return stack;
}
