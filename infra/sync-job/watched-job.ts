import type { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';

/** What monitoring needs to know of a job, whether one function takes a snapshot or a state machine. */
export interface WatchedJob {
  /** Name of the deployment: the service in logs and metrics. */
  readonly name: string;
  readonly functions: readonly IFunction[];
  /** The functions that must end within `timeout`, because nobody goes on where they ended. */
  readonly boundFunctions: readonly IFunction[];
  /** @default - none: a function does it all */
  readonly stateMachines?: readonly IStateMachine[];
  readonly logGroup: ILogGroup;
  /**
   * Events of runs that failed to the last retry.
   * @default - none: a state machine keeps its executions
   */
  readonly failureQueue?: IQueue;
  /** Events that Scheduler could not hand over. */
  readonly handOverQueue: IQueue;
  /** How long one invocation may take. */
  readonly timeout: Duration;
  /** The longest time between two snapshots. */
  readonly longestGap: Duration;
  /** The longest time from the scheduled instant to the end of the last retry, unless Lambda is throttled. */
  readonly longestRun: Duration;
}
