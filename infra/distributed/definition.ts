import { type ExtractStepEvent, type ExtractStepResult, type PlanStepResult, stepErrorName } from '../../lambda/contract/step-events.ts';
import type { ErrorKind } from '../../lambda/errors.ts';

/** What the definition of a distributed sync refers to. */
export type SyncDefinitionProps = {
  /** ARNs of the functions of the three steps. */
  readonly plan: string;
  readonly extract: string;
  readonly publish: string;
  /** The object that lists all numbers a slice may have. */
  readonly sliceList: { readonly bucket: string; readonly key: string };
  readonly maxConcurrency: number;
  /**
   * How long a step's function may take: Lambda ends it before the state machine gives it up, so an execution that is not stopped has no
   * two of one slice at once.
   */
  readonly functionTimeoutSeconds: number;
  readonly executionTimeoutSeconds: number;
};

/** The two labels under which children run. */
export const mapLabels = ['Extract', 'ExtractAgain'] as const;

/**
 * The state machine of a distributed sync, in the Amazon States Language. No error ends in a state of its own: a redrive goes on at the
 * step that failed, and a step goes on from the parts.
 * @see https://states-language.net/spec.html
 */
export function defineSync(props: SyncDefinitionProps): object {
  const toPlan = path<PlanStepResult>;
  return {
    Comment: 'Plans a snapshot, extracts its slices, and publishes it',
    StartAt: 'Plan',
    TimeoutSeconds: props.executionTimeoutSeconds,
    States: {
      Plan: {
        ...invoke(props.plan, props, ['configuration', 'token_refused', 'not_published', 'out_of_time']),
        Next: 'IsAnythingToAsk',
      },
      IsAnythingToAsk: {
        Type: 'Choice',
        Choices: [{ Variable: toPlan('slices'), NumericGreaterThan: 0, Next: 'Extract' }],
        Default: 'Publish',
      },
      Extract: { ...extractSlices(props, 'Extract'), Next: 'Publish' },
      Publish: {
        ...invoke(props.publish, props, neverPublished),
        // Too many targets without an answer, as a rule: they are asked once more, as Lambda's retries of a single run do.
        Catch: [{ ErrorEquals: [stepErrorName('not_published')], ResultPath: '$.refused', Next: 'IsAnythingToAskAgain' }],
        End: true,
      },
      // A snapshot that was sealed by another format has nothing to ask: refused again, it ends with its own error.
      IsAnythingToAskAgain: {
        Type: 'Choice',
        Choices: [{ Variable: toPlan('slices'), NumericGreaterThan: 0, Next: 'WaitBeforeAskingAgain' }],
        Default: 'PublishAgain',
      },
      WaitBeforeAskingAgain: { Type: 'Wait', Seconds: 600, Next: 'ExtractAgain' },
      ExtractAgain: { ...extractSlices(props, 'ExtractAgain'), Next: 'PublishAgain' },
      PublishAgain: { ...invoke(props.publish, props, neverPublished), End: true },
    },
  };
}

/** Errors of publishing that another attempt meets again. */
const neverPublished: readonly ErrorKind[] = ['configuration', 'not_published'];

/**
 * The state machine that starts a distributed sync under the name of its snapshot: Scheduler writes instants with colons, which no name
 * may hold. A name is taken for 90 days, so a snapshot that is delivered twice runs once.
 */
export function defineStart(syncStateMachine: string): object {
  const parts = [0, 1, 2, 3, 4].map((index) => `States.ArrayGetItem(States.StringSplit($.scheduledTime, '-:'), ${index})`);
  const alreadyStarted = ['StepFunctions.ExecutionAlreadyExistsException'];
  return {
    Comment: 'Starts the sync of one snapshot, named after its instant',
    StartAt: 'Start',
    TimeoutSeconds: 900,
    States: {
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: syncStateMachine, 'Name.$': `States.Format('{}{}{}{}{}', ${parts.join(', ')})`, 'Input.$': '$' },
        TimeoutSeconds: 60,
        Retry: [
          { ErrorEquals: alreadyStarted, MaxAttempts: 0 },
          { ErrorEquals: ['States.ALL'], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 5 },
        ],
        Catch: [{ ErrorEquals: alreadyStarted, Next: 'AlreadyStarted' }],
        End: true,
      },
      AlreadyStarted: { Type: 'Succeed' },
    },
  };
}

/** All slices of the plan, each by a child of its own. */
function extractSlices(props: SyncDefinitionProps, label: (typeof mapLabels)[number]): object {
  const toPlan = path<PlanStepResult>;
  const toTurn = path<ExtractStepResult>;
  // State names are unique in a whole definition.
  const state = (name: string): string => (label === 'Extract' ? name : `${name}Again`);
  const item: Record<keyof ExtractStepEvent, string> = {
    slice: '$$.Map.Item.Value',
    scheduledTime: toPlan('scheduledTime'),
    maxFailedPercent: toPlan('maxFailedPercent'),
  };
  return {
    Type: 'Map',
    Label: label,
    // Its numbers are those of all slices there may be, and the plan says how many of them there are.
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON', MaxItemsPath: toPlan('slices') },
      Parameters: { Bucket: props.sliceList.bucket, Key: props.sliceList.key },
    },
    ItemSelector: Object.fromEntries(Object.entries(item).map(([name, from]) => [`${name}.$`, from])),
    MaxConcurrency: props.maxConcurrency,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: state('TakeTurn'),
      States: {
        [state('TakeTurn')]: { ...invoke(props.extract, props, ['configuration', 'token_refused']), Next: state('IsFinished') },
        [state('IsFinished')]: {
          Type: 'Choice',
          Choices: [{ Variable: toTurn('isFinished'), BooleanEquals: true, Next: state('Done') }],
          Default: state('WaitForNextTurn'),
        },
        [state('WaitForNextTurn')]: { Type: 'Wait', SecondsPath: toTurn('waitSeconds'), Next: state('TakeTurn') },
        // The results of all children must fit in 256 KiB: two bytes each of 100,000 do.
        [state('Done')]: { Type: 'Pass', Result: 0, End: true },
      },
    },
    ResultPath: null,
  };
}

/** A task that invokes a function with the state's input, and goes on with what it returns. */
function invoke(functionArn: string, { functionTimeoutSeconds }: SyncDefinitionProps, lasting: readonly ErrorKind[]): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
    OutputPath: '$.Payload',
    TimeoutSeconds: functionTimeoutSeconds + 60,
    Retry: [
      { ErrorEquals: lasting.map(stepErrorName), MaxAttempts: 0 },
      // No free concurrency: the turn of another snapshot may hold it, for as long as a turn takes, and then the next one.
      {
        ErrorEquals: ['Lambda.TooManyRequestsException'],
        IntervalSeconds: 2,
        BackoffRate: 2,
        MaxDelaySeconds: 60,
        MaxAttempts: 3_000,
        JitterStrategy: 'FULL',
      },
      { ErrorEquals: lambdaErrors, IntervalSeconds: 2, BackoffRate: 2, MaxDelaySeconds: 60, MaxAttempts: 8, JitterStrategy: 'FULL' },
      // Also a function that was killed: the next attempt goes on from the parts.
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 30, BackoffRate: 2, MaxDelaySeconds: 600, MaxAttempts: 6 },
    ],
  };
}

/** Troubles of Lambda itself, which pass. */
const lambdaErrors = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
];

/** A field of a step's result, as a path. */
const path = <Result>(field: keyof Result & string): string => `$.${field}`;
