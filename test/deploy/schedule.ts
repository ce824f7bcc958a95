import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, actAs } from './account.ts';
import type { Statement } from './policy-evaluator.ts';

/** What the schedule of a stack does, as it stands in the account. */
export type DeployedSchedule = {
  /** The event that Scheduler sends for an instant. */
  eventAt(scheduledTime: string): string;
  /** The account as the schedule sees it: with the policy of its role, which is Scheduler's alone to take. */
  readonly scheduler: Account;
  /** What it starts: a function, or a state machine. */
  readonly targetArn: string;
};

type Target = { readonly Arn: string; readonly RoleArn: string; readonly Input: string };

/** Reads the schedule of a stack. */
export async function readSchedule(root: Account, stack: string): Promise<DeployedSchedule> {
  const { StackResources: resources } = await root.aws<{ StackResources: { ResourceType: string; PhysicalResourceId: string }[] }>(
    ...['cloudformation', 'describe-stack-resources', '--stack-name', stack],
  );
  const id = resources.find(({ ResourceType }) => ResourceType === 'AWS::Scheduler::Schedule')?.PhysicalResourceId ?? '';
  const { Target: target } = await root.aws<{ Target: Target }>('scheduler', 'get-schedule', '--name', id);
  const placeholder = '<aws.scheduler.scheduled-time>';
  if (!target.Input.includes(placeholder)) throw new Error(`the schedule's input is ${target.Input}; it must hold ${placeholder}`);
  const policy = await readRolePolicy(root, target.RoleArn, 'Start');
  return {
    targetArn: target.Arn,
    eventAt: (scheduledTime) => target.Input.replace(placeholder, scheduledTime),
    scheduler: await actAs(root, `deploy-test-scheduler-of-${stack}`, { inline: policy }),
  };
}

/** A policy as IAM gives it back. */
export type PolicyDocument = { readonly Version: string; readonly Statement: readonly Statement[] };

/** One inline policy of a role. */
export async function readRolePolicy(root: Account, roleArn: string, policy: string): Promise<PolicyDocument> {
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const { PolicyDocument: document } = await root.aws<{ PolicyDocument: PolicyDocument }>(
    ...['iam', 'get-role-policy', '--role-name', role, '--policy-name', policy],
  );
  return document;
}

/** Hands an event over and returns as soon as Lambda has taken it, as Scheduler does. */
export async function sendEvent(account: Account, functionArn: string, event: string): Promise<void> {
  const outfile = join(account.options.environment['TMPDIR'] ?? '', 'accepted.json');
  await account.aws('lambda', 'invoke', '--function-name', functionArn, '--invocation-type', 'Event', '--payload', event, outfile);
}

/** Hands an event over and waits for what the function returns; throws with the function's own error. */
export async function invokeFunction(account: Account, functionArn: string, event: string): Promise<Record<string, unknown>> {
  const outfile = join(account.options.environment['TMPDIR'] ?? '', 'answer.json');
  const { FunctionError } = await account.aws<{ FunctionError?: string }>(
    ...['lambda', 'invoke', '--function-name', functionArn, '--payload', event, outfile],
  );
  const answer = readFileSync(outfile, 'utf8');
  if (FunctionError !== undefined) throw new Error(`the function failed: ${answer}`);
  return JSON.parse(answer);
}
