import { Duration } from 'aws-cdk-lib';
import { PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { folders } from '../output-location.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import { createJobFoundation, type JobProps } from './job-foundation.ts';
import { createSyncFunction, retryAttempts, retryFailedEvents } from './sync-function.ts';
import { createSyncRole } from './sync-role.ts';
import { createSyncSchedule, maxHandOver } from './sync-schedule.ts';
import type { WatchedJob } from './watched-job.ts';

/** A function that takes snapshots, its schedule, and the two queues for what could not be done. */
export class SyncJob extends Construct implements WatchedJob {
  readonly name: string;
  readonly function: NodejsFunction;
  readonly functions: readonly NodejsFunction[];
  readonly boundFunctions: readonly NodejsFunction[];
  readonly logGroup: LogGroup;
  readonly accessTokenSecret: ISecret;
  /** Events of runs that failed to the last retry. */
  readonly failureQueue: IQueue;
  /** Events that Scheduler could not hand over to Lambda. */
  readonly handOverQueue: IQueue;
  /** How long one invocation may take. */
  readonly timeout: Duration;
  /** The longest time between two snapshots. */
  readonly longestGap: Duration;
  /** The longest time from the scheduled instant to the end of the last retry, unless Lambda is throttled. */
  readonly longestRun: Duration;

  constructor(scope: Construct, id: string, props: JobProps) {
    super(scope, id);
    const { name, output, settings = {}, encryptionKey, reservedConcurrency } = props;
    const foundation = createJobFoundation(this, props);
    const { timeout, memorySize, logGroup, accessTokenSecret: secret, targets } = foundation;
    this.name = name;
    this.timeout = timeout;
    this.longestGap = foundation.longestGap;
    // Lambda waits 1 and 2 minutes before its two retries.
    this.longestRun = maxHandOver.plus(Duration.seconds(timeout.toSeconds() * (retryAttempts + 1))).plus(Duration.minutes(3));
    this.logGroup = logGroup;
    this.accessTokenSecret = secret;
    this.handOverQueue = foundation.handOverQueue;
    const failureQueue = createDeadLetterQueue(this, 'FailedRuns', encryptionKey);
    this.failureQueue = failureQueue;

    const written = [folders.raw, folders.tables];
    const role = createSyncRole(this, 'Role', {
      description: 'Runs the sync of metric groups: writes raw answers and tables, reads one secret and the list of targets',
      output,
      writes: written,
      reads: written,
      targets,
      secret,
      failureQueue,
      logGroup,
    });
    this.function = createSyncFunction(this, 'Function', {
      entry: 'handler.ts',
      description: `Syncs LaunchDarkly metric groups (${name})`,
      role,
      logGroup,
      memorySize,
      timeout,
      reservedConcurrency,
      environment: foundation.environmentOf(settings, { secret, targets }),
    });
    retryFailedEvents(this.function, failureQueue);
    this.functions = [this.function];
    this.boundFunctions = this.functions;
    createSyncSchedule(this, 'Schedule', {
      expression: props.schedule,
      timeZone: foundation.timeZone,
      target: { arn: this.function.functionArn, action: 'lambda:InvokeFunction' },
      handOverQueue: this.handOverQueue,
    });
    if (props.permissionsBoundary) PermissionsBoundary.of(this).apply(props.permissionsBoundary);
  }
}
