import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Snapshot, snapshotAt } from '../../lambda/contract/objects.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { step } from '../engines/step.ts';
import type { SimulatedLaunchDarkly } from '../launchdarkly/server.ts';
import { createMemoryOutput } from '../memory-output.ts';
import { runSync } from '../run-sync.ts';
import { type Account, actAs } from './account.ts';
import type { StackOutputs } from './deployment.ts';
import { checkTables } from './read-back.ts';
import { readSchedule } from './schedule.ts';

type Execution = { readonly status: string; readonly output?: string; readonly error?: string; readonly cause?: string };
type MapRun = { readonly executionCounts: Readonly<Record<'total' | 'succeeded' | 'failed', number>>; readonly maxConcurrency: number };

/** More than one slice of targets. */
export const distributedTargets = [{ projectKey: 'many', metricGroupKey: '*' }];

/** Starts a snapshot as the schedule does, and sees the state machine plan it, extract it slice by slice, and publish it once. */
export async function proveDistributed(
  root: Account,
  launchDarkly: SimulatedLaunchDarkly,
  stack: StackOutputs,
  folder: string,
): Promise<void> {
  const schedule = await step('the schedule of the distributed deployment', () => readSchedule(root, 'spread'));
  const snapshot = snapshotAt(Date.now() - 60_000);
  const scheduledTime = `${snapshot.at.slice(0, 19).replace(' ', 'T')}Z`;
  const before = launchDarkly.requests.length;
  await step("a state machine, started with the schedule's own input and policy, starts the other under the name of the snapshot", () =>
    schedule.scheduler.aws('stepfunctions', 'start-execution', ...start(schedule.targetArn, schedule.eventAt(scheduledTime))),
  );
  const row = await step(
    'the execution plans, extracts and publishes',
    () => waitForExecution(root, stack.StateMachineArn, snapshot),
    ({ status, targets_succeeded }) => `${status}, ${targets_succeeded} targets`,
  );
  await step('each slice was extracted by a child of its own, two at once', async () => {
    const executionArn = executionArnOf(stack.StateMachineArn, snapshot);
    const { mapRuns } = await root.aws<{ mapRuns: { mapRunArn: string }[] }>(
      ...['stepfunctions', 'list-map-runs', '--execution-arn', executionArn],
    );
    assert.equal(mapRuns.length, 1);
    const run = await root.aws<MapRun>('stepfunctions', 'describe-map-run', '--map-run-arn', mapRuns[0]?.mapRunArn ?? '');
    assert.deepEqual([run.maxConcurrency, run.executionCounts.total, run.executionCounts.succeeded], [2, 3, 3]);
  });
  assert.equal(launchDarkly.requests.length - before, 230 + 5, 'one request a group, and five for the listing');
  const expected = createMemoryOutput();
  await runSync(launchDarkly, expected, { snapshot, takeTargets: () => distributedTargets, codeVersion: packageJson.version });
  await step('an analyst reads the rows that a single run of the same code makes', async () => {
    const analyst = await actAs(root, 'deploy-test-analyst-of-spread', { managed: stack.AnalystPolicyArn });
    const counts = await checkTables(analyst, stack.OutputUri, join(folder, 'spread'), expected.objects);
    assert.equal(counts['metric_groups'], row['metric_group_rows']);
  });
  const asked = launchDarkly.requests.length;
  await step('the name is taken: the same snapshot cannot run twice', async () => {
    const again = root.aws(
      ...['stepfunctions', 'start-execution', '--name', snapshot.id, ...start(stack.StateMachineArn, JSON.stringify({ scheduledTime }))],
    );
    await assert.rejects(again, /ExecutionAlreadyExists/);
  });
  await step('under another name it finds the snapshot published, and asks nothing', async () => {
    const name = `${snapshot.id}-again`;
    await root.aws(
      ...['stepfunctions', 'start-execution', '--name', name, ...start(stack.StateMachineArn, JSON.stringify({ scheduledTime }))],
    );
    const found = await waitForExecution(root, stack.StateMachineArn, { ...snapshot, id: name });
    assert.deepEqual(found, { ...row, alreadyPublished: true });
    assert.equal(launchDarkly.requests.length, asked);
  });
}

const start = (stateMachineArn: string, input: string): string[] => ['--state-machine-arn', stateMachineArn, '--input', input];

const executionArnOf = (stateMachineArn: string, { id }: Snapshot): string =>
  `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${id}`;

/** Waits for the end of a snapshot's execution, for two minutes at most, and returns its output. */
async function waitForExecution(root: Account, stateMachineArn: string, snapshot: Snapshot): Promise<Record<string, unknown>> {
  for (const endsAtMs = Date.now() + 120_000; Date.now() < endsAtMs; await sleep(1_000)) {
    const execution = await root
      .aws<Execution>('stepfunctions', 'describe-execution', '--execution-arn', executionArnOf(stateMachineArn, snapshot))
      .catch((error) => {
        // The state machine that starts it may not have come to that yet.
        if (String(error).includes('ExecutionDoesNotExist')) return { status: 'RUNNING' } as Execution;
        throw error;
      });
    if (execution.status === 'SUCCEEDED') return JSON.parse(execution.output ?? '{}');
    if (execution.status !== 'RUNNING') throw new Error(`the execution ${execution.status}: ${execution.error} ${execution.cause}`);
  }
  throw new Error(`the execution ${snapshot.id} did not end within two minutes`);
}
