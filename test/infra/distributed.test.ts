import { createRequire } from 'node:module';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { readDeployments } from '../../infra/deployment-settings.ts';
import { defineStart, defineSync } from '../../infra/distributed/definition.ts';
import { DistributedSyncJob } from '../../infra/distributed/distributed-sync-job.ts';
import { concurrencyProblem, sharePace } from '../../infra/distributed/share-pace.ts';
import { targetsFromBucket } from '../../infra/sync-job/targets.ts';
import { plainDeployment, projectFolder, type Resource, readable, resourcesOf, synthesize } from './synthesize.ts';

type Validation = { readonly isValid: boolean; readonly errorsText: (separator?: string) => string };
const validate = createRequire(import.meta.url)('asl-validator') as (definition: object) => Validation;

const template = synthesize({ distributed: true, settings: { MAX_REQUESTS_PER_SECOND: 5 } });

function resource(type: string, name: string, of = template): Resource {
  const found = Object.entries(resourcesOf(of, type)).find(([id]) => id.startsWith(name));
  if (!found) throw new Error(`no ${type} ${name}`);
  return found[1];
}
const machine = (name: string, of = template): Record<string, unknown> =>
  readable(resource('AWS::StepFunctions::StateMachine', name, of).Properties) as Record<string, unknown>;
const definitionOf = (name: string, of = template) => JSON.parse(String(machine(name, of)['DefinitionString']));
const variablesOf = (name: string, of = template): unknown =>
  readable((resource('AWS::Lambda::Function', name, of).Properties['Environment'] as { Variables: unknown }).Variables);
const statementsOf = (name: string): Record<string, unknown> =>
  Object.fromEntries(
    (resource('AWS::IAM::Role', name).Properties['Policies'] as { PolicyName: string; PolicyDocument: { Statement: unknown } }[]).map(
      ({ PolicyName, PolicyDocument }) => [PolicyName, readable(PolicyDocument.Statement)],
    ),
  );

describe('the definition', () => {
  const arn = (name: string): string => `arn:aws:lambda:eu-central-1:111122223333:function:${name}`;
  const props = {
    plan: arn('plan'),
    extract: arn('extract'),
    publish: arn('publish'),
    sliceList: { bucket: 'assets', key: 'slices.json' },
    maxConcurrency: 3,
    functionTimeoutSeconds: 900,
    executionTimeoutSeconds: 82_800,
  };

  test.each([
    ['of a sync', defineSync(props)],
    ['of its start', defineStart('arn:aws:states:eu-central-1:111122223333:stateMachine:sync')],
  ])('%s is valid Amazon States Language', (_name, definition) => {
    const { isValid, errorsText } = validate(definition);
    expect(isValid ? '' : errorsText('\n')).toBe('');
  });

  test('the validator would see a state that nothing leads to from a misspelt Next', () => {
    expect(validate({ StartAt: 'Plan', States: { Plan: { Type: 'Pass', Next: 'Extract' } } }).isValid).toBe(false);
  });

  test('what stands in the template is that definition, with the functions of the stack', () => {
    const { States, TimeoutSeconds } = definitionOf('SyncStateMachine');
    expect(TimeoutSeconds).toBe(23 * 3600);
    expect([States.Plan.Parameters.FunctionName, States.Publish.Parameters.FunctionName]).toEqual([
      `\${SyncPlan.Arn}`,
      `\${SyncPublish.Arn}`,
    ]);
    expect(States.Extract).toMatchObject({
      Type: 'Map',
      MaxConcurrency: 1,
      ItemReader: {
        ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$.slices' },
        Parameters: { Bucket: expect.stringContaining('cdk-hnb659fds-assets'), Key: expect.stringMatching(/^[0-9a-f]{64}\.json$/) },
      },
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      ResultPath: null,
      Next: 'Publish',
    });
  });

  test('Lambda ends a function before its step is given up, so that no two of a slice run at once', () => {
    const { States } = definitionOf('SyncStateMachine');
    const tasks = [States.Plan, States.Publish, States.PublishAgain, States.Extract.ItemProcessor.States.TakeTurn];
    for (const task of tasks) expect(task.TimeoutSeconds).toBe(960);
    expect(resource('AWS::Lambda::Function', 'SyncExtract').Properties['Timeout']).toBe(900);
  });

  test('no error ends in a state of its own: a redrive goes on at the step that failed', () => {
    expect(JSON.stringify(definitionOf('SyncStateMachine'))).not.toContain('"Fail"');
    expect(definitionOf('SyncStateMachine').States.Publish.Catch).toEqual([
      { ErrorEquals: ['SyncError.not_published'], ResultPath: '$.refused', Next: 'IsAnythingToAskAgain' },
    ]);
  });

  test('slices are mapped only where there are some: 0 is no number of items, and engines take it for all 100,000', () => {
    const { States } = definitionOf('SyncStateMachine');
    const choices = Object.values(States as Record<string, { Type: string; Choices?: unknown; Default?: string }>).filter(
      ({ Type }) => Type === 'Choice',
    );
    const some = (next: string) => [{ Variable: '$.slices', NumericGreaterThan: 0, Next: next }];
    expect(choices).toEqual([
      { Type: 'Choice', Choices: some('Extract'), Default: 'Publish' },
      { Type: 'Choice', Choices: some('WaitBeforeAskingAgain'), Default: 'PublishAgain' },
    ]);
  });

  test('a function without free concurrency is waited for longer than a turn of another snapshot may take', () => {
    const { States } = definitionOf('SyncStateMachine');
    for (const task of [States.Plan, States.Publish, States.PublishAgain, States.Extract.ItemProcessor.States.TakeTurn]) {
      const retry = task.Retry.find(({ ErrorEquals }: { ErrorEquals: string[] }) =>
        ErrorEquals.includes('Lambda.TooManyRequestsException'),
      );
      // Full jitter halves the waits, as a mean.
      expect((retry.MaxAttempts * retry.MaxDelaySeconds) / 2).toBeGreaterThanOrEqual(23 * 3600);
      // An attempt is three events, and an execution has 25,000.
      expect(retry.MaxAttempts * 3).toBeLessThan(20_000);
    }
  });

  test('errors that somebody must mend are not tried again, all others are', () => {
    const { States } = definitionOf('SyncStateMachine');
    const lasting = (task: { Retry: { ErrorEquals: string[]; MaxAttempts: number }[] }) => {
      const [first, last] = [task.Retry.at(0), task.Retry.at(-1)];
      expect([first?.MaxAttempts, last?.ErrorEquals]).toEqual([0, ['States.ALL']]);
      return first?.ErrorEquals.map((name) => name.replace('SyncError.', ''));
    };
    expect(lasting(States.Plan)).toEqual(['configuration', 'token_refused', 'not_published', 'out_of_time']);
    expect(lasting(States.Extract.ItemProcessor.States.TakeTurn)).toEqual(['configuration', 'token_refused']);
    expect(lasting(States.Publish)).toEqual(['configuration', 'not_published']);
  });

  test('the results of as many children as a plan can have fit in a payload', () => {
    expect(
      JSON.stringify(Array(100_000).fill(definitionOf('SyncStateMachine').States.Extract.ItemProcessor.States.Done.Result)).length,
    ).toBeLessThan(256 * 1024);
  });
});

test('a snapshot starts under its own id, which is a name that executions may have, and a second start of it is no failure', () => {
  const { Start } = definitionOf('SyncStart').States;
  const parts = '2026-11-23T06:00:00Z'.split(/[-:]/);
  const name = Start.Parameters['Name.$']
    .replace(/^States\.Format\('((?:\{\})+)', .*\)$/, '$1')
    .split('{}')
    .slice(1)
    .map((_text: string, index: number) => parts[index])
    .join('');
  expect(name).toBe('20261123T060000Z');
  expect(Start.Catch).toEqual([{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], Next: 'AlreadyStarted' }]);
  expect(Start.Parameters.StateMachineArn).toMatch(/:stateMachine:sync$/);
});

test('the schedule starts that, with the instant it stands for', () => {
  const [schedule] = Object.values(resourcesOf(template, 'AWS::Scheduler::Schedule'));
  expect(readable(schedule?.Properties)).toMatchObject({
    Target: {
      Arn: `\${SyncStart}`,
      Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>"}',
      DeadLetterConfig: { Arn: `\${SyncFailedHandOvers.Arn}` },
    },
  });
  expect(statementsOf('SyncScheduleRole')).toMatchObject({
    Start: [{ Action: 'states:StartExecution', Resource: `\${SyncStart}` }, { Action: 'sqs:SendMessage' }],
  });
});

test('both state machines write all to logs of their own that forget, and trace', () => {
  for (const name of ['SyncStateMachine', 'SyncStart']) {
    expect(machine(name)).toMatchObject({
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
      TracingConfiguration: { Enabled: true },
    });
  }
  const groups = Object.values(resourcesOf(template, 'AWS::Logs::LogGroup')).map(({ Properties }) => Properties);
  expect(groups).toHaveLength(3);
  for (const group of groups) expect(group['RetentionInDays']).toBe(90);
});

describe('permissions', () => {
  const raw = `\${WarehouseBucket.Arn}/metric-groups/raw/*`;
  const tables = `\${WarehouseBucket.Arn}/metric-groups/tables/*`;
  const commits = `\${WarehouseBucket.Arn}/metric-groups/tables/sync_snapshots/*`;
  const sids = (name: string): string[] => (statementsOf(name)['Sync'] as { Sid: string }[]).map(({ Sid }) => Sid);

  test('planning and extracting write raw objects alone, and only planning reads the list', () => {
    for (const name of ['SyncPlanRole', 'SyncExtractRole']) {
      expect(statementsOf(name)['Sync']).toEqual(
        expect.arrayContaining([
          { Sid: 'WriteObjects', Effect: 'Allow', Action: 's3:PutObject', Resource: raw },
          { Sid: 'ReadObjects', Effect: 'Allow', Action: 's3:GetObject', Resource: [raw, commits] },
          expect.objectContaining({ Sid: 'ListObjects' }),
          expect.objectContaining({ Sid: 'ReadAccessToken' }),
        ]),
      );
    }
    expect(sids('SyncPlanRole')).toEqual(['WriteObjects', 'ReadObjects', 'ListObjects', 'ReadTargets', 'ReadAccessToken']);
    expect(sids('SyncExtractRole')).toEqual(['WriteObjects', 'ReadObjects', 'ListObjects', 'ReadAccessToken']);
  });

  test('publishing has no secret', () => {
    expect(statementsOf('SyncPublishRole')['Sync']).toEqual([
      { Sid: 'WriteAndReadObjects', Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: [raw, tables] },
      expect.objectContaining({ Sid: 'ListObjects', Action: 's3:ListBucket' }),
    ]);
  });

  test('the state machine invokes three functions, reads one object, and has its own executions', () => {
    const ofStates = (resource: string): string => `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:${resource}`;
    expect(statementsOf('SyncStateMachineRole')['Steps']).toEqual([
      {
        Sid: 'InvokeSteps',
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: ['SyncPlan', 'SyncExtract', 'SyncPublish'].map((name) => `\${${name}.Arn}`),
      },
      { Sid: 'ReadSliceList', Effect: 'Allow', Action: 's3:GetObject', Resource: expect.stringMatching(/\/[0-9a-f]{64}\.json$/) },
      { Sid: 'StartChildren', Effect: 'Allow', Action: 'states:StartExecution', Resource: ofStates('stateMachine:sync') },
      {
        Sid: 'WatchChildren',
        Effect: 'Allow',
        Action: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
        Resource: ['execution:sync:*', 'execution:sync/Extract:*', 'execution:sync/ExtractAgain:*'].map(ofStates),
      },
    ]);
    expect(statementsOf('SyncStartRole')['Steps']).toEqual([
      { Sid: 'StartSync', Effect: 'Allow', Action: 'states:StartExecution', Resource: ofStates('stateMachine:sync') },
    ]);
  });

  test('there is no policy besides those of the roles, and a boundary holds every role', () => {
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual({});
    const bounded = synthesize({ distributed: true, permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary' });
    const roles = Object.values(resourcesOf(bounded, 'AWS::IAM::Role'));
    expect(roles).toHaveLength(6);
    for (const role of roles) expect(role.Properties['PermissionsBoundary']).toBe('arn:aws:iam::111122223333:policy/boundary');
  });
});

describe('children that run at once', () => {
  const several = synthesize({ distributed: { maxConcurrency: 3 }, reservedConcurrency: 3, settings: { MAX_REQUESTS_PER_SECOND: 10 } });

  test('share pace and connections, rounded down; planning has the whole of it, as it runs alone', () => {
    expect(definitionOf('SyncStateMachine', several).States.Extract.MaxConcurrency).toBe(3);
    expect(variablesOf('SyncExtract', several)).toMatchObject({ MAX_REQUESTS_PER_SECOND: '3', MAX_CONCURRENT_REQUESTS: '1' });
    expect(variablesOf('SyncPlan', several)).toMatchObject({ MAX_REQUESTS_PER_SECOND: '10' });
    expect(resource('AWS::Lambda::Function', 'SyncExtract', several).Properties['ReservedConcurrentExecutions']).toBe(3);
    expect(resource('AWS::Lambda::Function', 'SyncPlan', several).Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('whatever the setting and their number, no second has more requests of all together than the setting', () => {
    for (const rate of [0.001, 0.5, 1, 7, 10, 333.3, 1000]) {
      for (let children = 2; children <= 64; children++) {
        const settings = { MAX_REQUESTS_PER_SECOND: rate, MAX_CONCURRENT_REQUESTS: 64 };
        if (concurrencyProblem(children, settings) !== undefined) continue;
        const share = Number(sharePace(settings, children)['MAX_REQUESTS_PER_SECOND']);
        // Evenly spaced, a child starts in some second as many as its share rounded up, and all of them may in the same.
        expect(Math.ceil(share) * children).toBeLessThanOrEqual(rate);
        expect(share).toBeGreaterThan(0);
      }
    }
  });
});

describe('what is wrong with a distributed deployment', () => {
  const problemsOf = (deployment: Record<string, unknown>): string => {
    try {
      readDeployments({ sync: { ...plainDeployment, ...deployment } }, projectFolder);
      return '';
    } catch (error) {
      return String(error);
    }
  };

  test.each<[Record<string, unknown>, string]>([
    [{ distributed: 'yes' }, 'distributed is "yes"; it must be true, or such as {"maxConcurrency": 2}'],
    [{ distributed: { maxConcurency: 2 } }, 'distributed'],
    [{ distributed: { maxConcurrency: 0 } }, 'must be a whole number from 1 to 64'],
    [
      { distributed: { maxConcurrency: 5 } },
      'distributed.maxConcurrency is 5; it must be a whole number from 1 to 4, as MAX_CONCURRENT_REQUESTS is 4',
    ],
    [
      { distributed: { maxConcurrency: 2 }, settings: { MAX_REQUESTS_PER_SECOND: 0.5 } },
      'distributed.maxConcurrency is 2; it must be a whole number from 1 to 1, as MAX_REQUESTS_PER_SECOND is 0.5',
    ],
    [
      { distributed: { maxConcurrency: 3 }, reservedConcurrency: 2 },
      'reservedConcurrency is 2; it must be at least maxConcurrency, which is 3',
    ],
  ])('%j is told', (deployment, problem) => {
    expect(problemsOf(deployment)).toContain(problem);
  });

  test('false is a single function', () => {
    expect(resourcesOf(synthesize({ distributed: false }), 'AWS::StepFunctions::StateMachine')).toEqual({});
  });

  test('the construct names all props that are wrong at once', () => {
    const stack = new Stack(new App(), 'Stack');
    const bucket = Bucket.fromBucketName(stack, 'Bucket', 'bucket');
    const props = {
      name: 'sync',
      schedule: 'rate(1 day)',
      targets: targetsFromBucket(bucket, 'targets.json'),
      output: { bucket, prefix: '' },
      timeout: Duration.seconds(30),
      maxConcurrency: 1.5,
    };
    expect(() => new DistributedSyncJob(stack, 'Sync', props)).toThrow(
      [
        'Stack/Sync:',
        'timeout is "30 seconds"; it must be from 1 to 15 minutes',
        'maxConcurrency is 1.5; it must be a whole number from 1 to 4, as MAX_CONCURRENT_REQUESTS is 4',
      ].join('\n  '),
    );
  });
});
