import { beforeAll, describe, expect, test } from 'vitest';
import { startS3 } from '../aws/s3-server.ts';
import { startSecretsManager } from '../aws/secrets-manager-server.ts';
import { resolveTemplate } from '../infra/resolve-template.ts';
import { onlyResource, resourcesOf, synthesize } from '../infra/synthesize.ts';
import { startLambda } from '../lambda/lambda-process.ts';
import { everyGroup, minutesAgo } from '../lambda/lambda-scene.ts';
import { sharedBundle } from '../lambda/shared-bundle.ts';
import { hang, onGroups } from '../launchdarkly/faults.ts';
import { startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { callOfSecretsRequest, callsOfS3Request } from './calls-of-requests.ts';
import { applies, type Call, grantsOf, isAllowed, type Statement } from './policy-evaluator.ts';

const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf';
const template = synthesize({ targets: 's3://lists/targets.json', secretArn });
const physical = {
  'AWS::Partition': 'aws',
  WarehouseBucket: 'warehouse',
  'WarehouseBucket.Arn': 'arn:aws:s3:::warehouse',
  'SyncLogs.Arn': 'arn:aws:logs:eu-central-1:111122223333:log-group:logs:*',
  'SyncFailedRuns.Arn': 'arn:aws:sqs:eu-central-1:111122223333:failed-runs',
};
const grants = grantsOf(statementsOfRole());

function statementsOfRole(): Statement[] {
  const [, role] = Object.entries(resourcesOf(template, 'AWS::IAM::Role')).find(([id]) => id.startsWith('SyncRole')) ?? [];
  const policies = resolveTemplate(role?.Properties['Policies'], physical) as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

function functionVariables(): Record<string, string> {
  const { Variables } = onlyResource(template, 'AWS::Lambda::Function').Properties['Environment'] as { Variables: unknown };
  return resolveTemplate(Variables, physical) as Record<string, string>;
}

/** Everything that runs ask of S3 and Secrets Manager, with the environment that the template gives the function. */
async function recordCalls(): Promise<Call[]> {
  const launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { demo: 5 } }) });
  const s3 = await startS3({ buckets: ['warehouse', 'lists'] });
  const body = Buffer.from(JSON.stringify(everyGroup));
  s3.objects.set('lists/targets.json', { body, metadata: {}, contentType: 'application/json' });
  const secrets = await startSecretsManager({ secrets: { [secretArn]: launchDarkly.token } });
  const lambda = await startLambda(await sharedBundle(), {
    ...functionVariables(),
    ...s3.environment,
    ...secrets.environment,
    LAUNCHDARKLY_BASE_URL: launchDarkly.url,
    MAX_REQUESTS_PER_SECOND: '500',
  });
  try {
    const [first, second] = [minutesAgo(2), minutesAgo(1)];
    const published = { kind: 'response', value: { status: 'complete' } };
    // A second snapshot looks at the first; it is cut off, gone on with, meets an object of its own, and is asked for once more.
    expect(await lambda.invoke({ scheduledTime: first })).toMatchObject(published);
    launchDarkly.setFaults([hang(onGroups(...launchDarkly.world.keys('demo').slice(-1)))]);
    const cutOff = await lambda.invoke({ scheduledTime: second }, 5_000);
    expect(cutOff).toMatchObject({ kind: 'error', errorMessage: expect.stringMatching(/^time ran out/) });
    launchDarkly.setFaults([]);
    s3.faults = [{ match: ({ key, method }) => method === 'PUT' && key.includes('/tables/'), times: 1, effect: 'reset-after' }];
    expect(await lambda.invoke({ scheduledTime: second })).toMatchObject(published);
    expect(await lambda.invoke({ scheduledTime: second })).toMatchObject({ value: { alreadyPublished: true } });
    expect(s3.requests.map(({ method }) => method)).toContain('HEAD');
    return [...s3.requests.flatMap(callsOfS3Request), ...secrets.requests.map(callOfSecretsRequest)];
  } finally {
    await Promise.all([lambda.close(), launchDarkly.close(), s3.close(), secrets.close()]);
  }
}

describe("the policy of the function's role", () => {
  let calls: Call[];
  beforeAll(async () => {
    calls = await recordCalls();
  });

  test('allows every call of runs that are cut off, go on, meet their own objects and are published', () => {
    expect(calls.filter((call) => !isAllowed(grants, call))).toEqual([]);
    expect(new Set(calls.map(({ action }) => action))).toEqual(
      new Set(['s3:GetObject', 's3:PutObject', 's3:ListBucket', 'secretsmanager:GetSecretValue']),
    );
  });

  test('grants nothing that no run uses, action by action and folder by folder; logs and failures are reported by Lambda itself', () => {
    const unused = grants.filter((grant) => !calls.some((call) => applies(grant, call)));
    expect(unused.map(({ sid, action }) => `${sid} ${action}`)).toEqual([
      'WriteLogs logs:CreateLogStream',
      'WriteLogs logs:PutLogEvents',
      'ReportFailedRuns sqs:SendMessage',
    ]);
  });

  test('needs each of its grants: where one is taken away, some call is refused', () => {
    const used = grants.filter((grant) => calls.some((call) => applies(grant, call)));
    for (const grant of used) {
      const rest = grants.filter((other) => other !== grant);
      expect(
        calls.some((call) => !isAllowed(rest, call)),
        JSON.stringify(grant),
      ).toBe(true);
    }
  });

  test.each<[string, Call]>([
    ['deleting', { action: 's3:DeleteObject', resource: 'arn:aws:s3:::warehouse/metric-groups/tables/a' }],
    ['query results', { action: 's3:PutObject', resource: 'arn:aws:s3:::warehouse/metric-groups/athena-results/a' }],
    ['another deployment in the bucket', { action: 's3:GetObject', resource: 'arn:aws:s3:::warehouse/other/tables/a' }],
    ['another list of targets', { action: 's3:GetObject', resource: 'arn:aws:s3:::lists/other.json' }],
    ['changing the list of targets', { action: 's3:PutObject', resource: 'arn:aws:s3:::lists/targets.json' }],
    ['listing the whole bucket', { action: 's3:ListBucket', resource: 'arn:aws:s3:::warehouse' }],
    [
      'listing beside its folders',
      { action: 's3:ListBucket', resource: 'arn:aws:s3:::warehouse', context: { 's3:prefix': 'metric-groups/' } },
    ],
    ['changing the secret', { action: 'secretsmanager:PutSecretValue', resource: secretArn }],
    ['another secret', { action: 'secretsmanager:GetSecretValue', resource: secretArn.replace('token', 'other') }],
  ])('refuses %s', (_name, call) => {
    expect(isAllowed(grants, call)).toBe(false);
  });
});

describe('the evaluator', () => {
  const allow = { Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::b/a?/*' } as const;
  const call = { action: 'S3:GETOBJECT', resource: 'arn:aws:s3:::b/ab/c/d' };

  test('knows wildcards and no case of actions, and takes dots for dots', () => {
    expect(isAllowed(grantsOf([allow]), call)).toBe(true);
    expect(isAllowed(grantsOf([allow]), { ...call, resource: 'arn:aws:s3:::b/a/c' })).toBe(false);
    expect(isAllowed(grantsOf([{ ...allow, Resource: 'a.c' }]), { ...call, resource: 'abc' })).toBe(false);
  });

  test('a denial wins', () => {
    expect(isAllowed(grantsOf([allow, { ...allow, Effect: 'Deny' }]), call)).toBe(false);
  });

  test('all conditions must hold, and one value of each', () => {
    const Condition = { StringLike: { 's3:prefix': ['x/*', 'y/*'] }, StringEquals: { 's3:delimiter': '/' } };
    const conditional = grantsOf([{ ...allow, Condition }]);
    expect(isAllowed(conditional, { ...call, context: { 's3:prefix': 'y/1', 's3:delimiter': '/' } })).toBe(true);
    expect(isAllowed(conditional, { ...call, context: { 's3:prefix': 'y/1' } })).toBe(false);
    expect(isAllowed(conditional, { ...call, context: { 's3:prefix': 'z/1', 's3:delimiter': '/' } })).toBe(false);
  });

  test('says what it does not know', () => {
    expect(() => grantsOf([{ ...allow, NotAction: 'x' } as Statement])).toThrow('NotAction is not evaluated here');
    const other = grantsOf([{ ...allow, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }]);
    expect(() => isAllowed(other, { ...call, context: { 'aws:SecureTransport': 'true' } })).toThrow('operator Bool is not evaluated');
  });
});
