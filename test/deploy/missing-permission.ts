import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account.ts';
import type { Statement } from './policy-evaluator.ts';
import { type PolicyDocument, readRolePolicy } from './schedule.ts';

/** A permission that is missing for a while. */
export type MissingPermission = {
  /** Puts the policy back as it was deployed. */
  restore(): Promise<void>;
};

/** Takes from the role of a function the permission to write objects below `tables/`, and nothing else. */
export async function takeAwayTableWrites(root: Account, functionName: string): Promise<MissingPermission> {
  const { Role: roleArn } = await root.aws<{ Role: string }>('lambda', 'get-function-configuration', '--function-name', functionName);
  const deployed = await readRolePolicy(root, roleArn, 'Sync');
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  const put = async (document: PolicyDocument): Promise<void> => {
    const policy = ['--role-name', role, '--policy-name', 'Sync', '--policy-document', JSON.stringify(document)];
    await root.aws('iam', 'put-role-policy', ...policy);
  };
  const reduced = deployed.Statement.flatMap(withoutTableWrites);
  assert.equal(reduced.length, deployed.Statement.length + 1, 'one statement lets the function write to tables/');
  await put({ ...deployed, Statement: reduced });
  return { restore: () => put(deployed) };
}

function withoutTableWrites(statement: Statement): Statement[] {
  const { Sid, ...rest } = statement;
  const actions = [statement.Action].flat();
  const resources = [statement.Resource].flat();
  if (!actions.includes('s3:PutObject')) return [statement];
  return [
    { ...rest, Action: actions.filter((action) => action !== 's3:PutObject') },
    { ...rest, Action: 's3:PutObject', Resource: resources.filter((resource) => !resource.endsWith('/tables/*')) },
  ];
}

/** What Lambda leaves in the queue of failed runs, as far as people need it. */
export type FailedRun = {
  readonly requestPayload: unknown;
  readonly responsePayload: { readonly errorType?: string; readonly errorMessage?: string };
};

/** Waits until an event lies in the queue of failed runs, takes it out and returns it; fails after a minute. */
export async function takeFailedRun(root: Account, queueUrl: string): Promise<FailedRun> {
  const deadline = AbortSignal.timeout(60_000);
  for (;;) {
    deadline.throwIfAborted();
    const received = await root.aws<{ Messages?: { Body: string; ReceiptHandle: string }[] } | undefined>(
      ...['sqs', 'receive-message', '--queue-url', queueUrl, '--wait-time-seconds', '10'],
    );
    const [message] = received?.Messages ?? [];
    if (message !== undefined) {
      await root.aws('sqs', 'delete-message', '--queue-url', queueUrl, '--receipt-handle', message.ReceiptHandle);
      return JSON.parse(message.Body);
    }
    await sleep(200);
  }
}
