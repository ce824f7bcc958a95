import { Duration, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { SyncJob } from '../../infra/sync-job/sync-job.ts';
import { targetsFromBucket } from '../../infra/sync-job/targets.ts';
import { createApp, onlyResource, type Resource, readable, resourcesOf, synthesize } from './synthesize.ts';

type Policy = { readonly PolicyName: string; readonly PolicyDocument: { readonly Statement: readonly unknown[] } };

const template = synthesize({ settings: { MAX_REQUESTS_PER_SECOND: 5, MAINTAINER_DETAILS: 'hash' } });

const roleNamed = (name: string, of = template): Resource => {
  const found = Object.entries(resourcesOf(of, 'AWS::IAM::Role')).find(([id]) => id.startsWith(name));
  if (!found) throw new Error(`no role ${name}`);
  return found[1];
};
const statementsOf = (role: Resource): Record<string, unknown> =>
  Object.fromEntries(
    (role.Properties['Policies'] as Policy[]).map((policy) => [policy.PolicyName, readable(policy.PolicyDocument.Statement)]),
  );

describe('the function', () => {
  const { Properties } = onlyResource(template, 'AWS::Lambda::Function');

  test('runs on Node 24 and arm64, for 15 minutes at most, outside of any VPC', () => {
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Timeout: 900, MemorySize: 1024 });
    expect(Properties).not.toHaveProperty('VpcConfig');
    expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test("has the contract's settings, the name for its metrics, and source maps; never a token", () => {
    expect(readable((Properties['Environment'] as { Variables: unknown }).Variables)).toEqual({
      NODE_OPTIONS: '--enable-source-maps',
      TARGETS_URI: expect.stringMatching(/^s3:\/\/cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.json$/),
      OUTPUT_URI: `s3://\${WarehouseBucket}/metric-groups`,
      ACCESS_TOKEN_SECRET_ID: `\${SyncAccessToken}`,
      MAX_REQUESTS_PER_SECOND: '5',
      MAINTAINER_DETAILS: 'hash',
      POWERTOOLS_SERVICE_NAME: 'sync',
      POWERTOOLS_METRICS_NAMESPACE: 'MetricGroupSync',
    });
  });

  test('logs to a group of its own that forgets', () => {
    expect(onlyResource(template, 'AWS::Logs::LogGroup').Properties).toEqual({ RetentionInDays: 90 });
    expect(readable(Properties['LoggingConfig'])).toEqual({ LogFormat: 'JSON', LogGroup: `\${SyncLogs}` });
  });

  test('is run again twice when it fails, and then its event waits in a queue', () => {
    expect(readable(onlyResource(template, 'AWS::Lambda::EventInvokeConfig').Properties)).toMatchObject({
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: `\${SyncFailedRuns.Arn}` } },
    });
  });

  test('reserves concurrency only where it is told to', () => {
    const reserved = onlyResource(synthesize({ reservedConcurrency: 1 }), 'AWS::Lambda::Function');
    expect(reserved.Properties['ReservedConcurrentExecutions']).toBe(1);
  });
});

describe('permissions', () => {
  test('the function writes and reads its two folders, lists them, reads one secret and one list, reports failures, logs: nothing else', () => {
    const role = roleNamed('SyncRole');
    expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(statementsOf(role)).toEqual({
      Logs: [{ Sid: 'WriteLogs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `\${SyncLogs.Arn}` }],
      Sync: [
        {
          Sid: 'WriteAndReadObjects',
          Effect: 'Allow',
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: [`\${WarehouseBucket.Arn}/metric-groups/raw/*`, `\${WarehouseBucket.Arn}/metric-groups/tables/*`],
        },
        {
          Sid: 'ListObjects',
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: `\${WarehouseBucket.Arn}`,
          Condition: { StringLike: { 's3:prefix': ['metric-groups/raw/*', 'metric-groups/tables/*'] } },
        },
        {
          Sid: 'ReadTargets',
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: expect.stringMatching(/^arn:\$\{AWS::Partition\}:s3:::cdk-hnb659fds-assets-.*\/[0-9a-f]{64}\.json$/),
        },
        { Sid: 'ReadAccessToken', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: `\${SyncAccessToken}` },
        { Sid: 'ReportFailedRuns', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `\${SyncFailedRuns.Arn}` },
      ],
    });
  });

  test('the schedule starts one function and reports to one queue, for schedules of this account alone', () => {
    const role = roleNamed('SyncScheduleRole');
    expect(statementsOf(role)).toEqual({
      Start: [
        { Sid: 'StartRuns', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: `\${SyncFunction.Arn}` },
        { Sid: 'ReportFailedHandOvers', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: `\${SyncFailedHandOvers.Arn}` },
      ],
    });
    expect(readable(role.Properties['AssumeRolePolicyDocument'])).toMatchObject({
      Statement: [
        { Principal: { Service: 'scheduler.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': `\${AWS::AccountId}` } } },
      ],
    });
  });

  test('nobody may delete anything, and there are no policies or roles but these', () => {
    const types = ['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::User'];
    const counts = types.map((type) => Object.keys(resourcesOf(template, type)).length);
    expect(counts).toEqual([2, 1, 0, 0]);
    const policies = types.flatMap((type) => Object.values(resourcesOf(template, type)));
    expect(JSON.stringify(policies)).not.toMatch(/delete|:\*"|AWSLambdaBasicExecutionRole/i);
  });

  test('a boundary holds every role', () => {
    const bounded = synthesize({ permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary' });
    for (const role of Object.values(resourcesOf(bounded, 'AWS::IAM::Role'))) {
      expect(role.Properties['PermissionsBoundary']).toBe('arn:aws:iam::111122223333:policy/boundary');
    }
  });

  test('a key that is given comes with the permission to use it, and encrypts secret and queues', () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/0f0e0d0c-1111-2222-3333-444455556666';
    const encrypted = synthesize({ encryptionKeyArn: key });
    expect((statementsOf(roleNamed('SyncRole', encrypted))['Sync'] as unknown[]).slice(5)).toEqual([
      { Sid: 'ReadEncrypted', Effect: 'Allow', Action: 'kms:Decrypt', Resource: key },
      { Sid: 'WriteEncrypted', Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: key },
    ]);
    expect(onlyResource(encrypted, 'AWS::SecretsManager::Secret').Properties['KmsKeyId']).toBe(key);
    for (const queue of Object.values(resourcesOf(encrypted, 'AWS::SQS::Queue'))) expect(queue.Properties['KmsMasterKeyId']).toBe(key);
  });
});

test('the schedule hands over the instant it stands for, tries thrice within an hour, and then leaves it in a queue', () => {
  const { Properties } = onlyResource(template, 'AWS::Scheduler::Schedule');
  expect(readable(Properties)).toMatchObject({
    ScheduleExpression: 'cron(0 6 * * ? *)',
    ScheduleExpressionTimezone: 'Etc/UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: 'ENABLED',
    Target: {
      Arn: `\${SyncFunction.Arn}`,
      Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
      RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 },
      DeadLetterConfig: { Arn: `\${SyncFailedHandOvers.Arn}` },
    },
  });
});

test('the two queues are apart, encrypted, TLS only, and keep events as long as SQS can', () => {
  const queues = Object.values(resourcesOf(template, 'AWS::SQS::Queue'));
  expect(queues.map(({ Properties }) => Properties)).toEqual([
    { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 },
    { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 },
  ]);
  expect(Object.values(resourcesOf(template, 'AWS::SQS::QueuePolicy'))).toHaveLength(2);
});

test('the secret outlives the stack, and has no name that would stand in the way of the next one', () => {
  const secret = onlyResource(template, 'AWS::SecretsManager::Secret');
  expect(secret).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  expect(secret.Properties).not.toHaveProperty('Name');
});

test('a given secret and an s3:// list are read in place, and neither is made', () => {
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf';
  const given = synthesize({ secretArn, targets: 's3://lists/groups/targets.json' });
  const { Variables } = onlyResource(given, 'AWS::Lambda::Function').Properties['Environment'] as { Variables: Record<string, unknown> };
  expect(Variables).toMatchObject({ ACCESS_TOKEN_SECRET_ID: secretArn, TARGETS_URI: 's3://lists/groups/targets.json' });
  expect(resourcesOf(given, 'AWS::SecretsManager::Secret')).toEqual({});
  expect(statementsOf(roleNamed('SyncRole', given))['Sync']).toEqual(
    expect.arrayContaining([
      { Sid: 'ReadTargets', Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:\${AWS::Partition}:s3:::lists/groups/targets.json` },
      { Sid: 'ReadAccessToken', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secretArn },
    ]),
  );
});

test('the construct names all props that are wrong at once', () => {
  const stack = new Stack(createApp(), 'Stack');
  const bucket = Bucket.fromBucketName(stack, 'Bucket', 'bucket');
  const props = {
    name: 'sync',
    schedule: 'every day',
    targets: targetsFromBucket(bucket, 'targets.json'),
    output: { bucket, prefix: '_hidden' },
    settings: { MAX_ATTEMPTS: 0 },
    memorySize: 64,
    timeout: Duration.hours(1),
  };
  expect(() => new SyncJob(stack, 'Sync', props)).toThrow(
    [
      'Stack/Sync:',
      'schedule is "every day"; it is neither rate(…) nor cron(…)',
      'output.prefix is "_hidden"; it must be folders of letters, digits, ".", "_", "=" and "-" that start with a letter or digit, at most 200 characters, without / at either end',
      'memorySize is 64; it must be a whole number from 128 to 10240',
      'timeout is "1 hour"; it must be from 1 to 15 minutes',
      'settings is {"MAX_ATTEMPTS":0}; it must be right: MAX_ATTEMPTS is "0"; it must be a whole number from 1 to 20',
    ].join('\n  '),
  );
});
