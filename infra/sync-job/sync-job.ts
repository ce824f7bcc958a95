import { Duration, RemovalPolicy, TimeZone, Validations } from 'aws-cdk-lib';
import { type IManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { metricNamespace } from '../../lambda/contract/metrics.ts';
import { settingDeclarations } from '../../lambda/contract/settings.ts';
import { checkProps, wholeNumberProblem } from '../check-props.ts';
import { nameProblem } from '../deployment-name.ts';
import { type OutputLocation, outputUri, prefixProblem } from '../output-location.ts';
import { longestGap } from '../schedule/longest-gap.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import { createSyncFunction, retryAttempts } from './sync-function.ts';
import { createSyncRole } from './sync-role.ts';
import { createSyncSchedule, maxHandOver } from './sync-schedule.ts';
import { type SyncSettings, settingProblems, settingVariables } from './sync-settings.ts';
import type { Targets } from './targets.ts';

/** What is synced when, from where and to where. */
export interface SyncJobProps {
  /** Name of the deployment: the service in logs and metrics. */
  readonly name: string;
  /** When a snapshot is taken: `rate(1 day)` or `cron(0 6 * * ? *)`, as EventBridge Scheduler reads it. */
  readonly schedule: string;
  /**
   * Time zone of a cron schedule. Where clocks change, a time that does not exist is skipped.
   * @default TimeZone.ETC_UTC
   */
  readonly timeZone?: TimeZone;
  /** The metric groups to sync: `targetsFromFile` or `targetsFromBucket`. */
  readonly targets: Targets;
  /** Where objects go: a warehouse's location, or any other. */
  readonly output: OutputLocation;
  /**
   * The contract's settings, by their variables.
   * @default - the contract's defaults
   */
  readonly settings?: SyncSettings;
  /**
   * Secret that holds LaunchDarkly's access token: the token itself, or `{"accessToken": "…"}`.
   * @default - a new one, kept when the stack goes; the token is to be stored in it once
   */
  readonly accessTokenSecret?: ISecret;
  /**
   * Key for the new secret and the queues. Its policy must let Lambda and Scheduler use it where it lives in another account.
   * @default - keys that AWS manages
   */
  readonly encryptionKey?: IKey;
  /**
   * Boundary of the roles that the job makes.
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
  /**
   * How long logs are kept.
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
  /**
   * Memory of the function in MiB, and with it its share of a processor.
   * @default 1024
   */
  readonly memorySize?: number;
  /**
   * How long one invocation may take; a run that needs longer goes on in the next.
   * @default Duration.minutes(15)
   */
  readonly timeout?: Duration;
  /**
   * How many invocations run at once; 1 lets runs that overlap follow each other. Fresh accounts have no concurrency to reserve.
   * @default - not reserved: runs of one snapshot at once are safe
   */
  readonly reservedConcurrency?: number;
}

/** A function that takes snapshots, its schedule, and the two queues for what could not be done. */
export class SyncJob extends Construct {
  readonly name: string;
  readonly function: NodejsFunction;
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

  constructor(scope: Construct, id: string, props: SyncJobProps) {
    super(scope, id);
    const { name, output, settings = {}, encryptionKey, memorySize = 1024, timeout = Duration.minutes(15), reservedConcurrency } = props;
    const gap = longestGap(props.schedule);
    checkProps(this, [
      ['name', name, nameProblem(name)],
      ['schedule', props.schedule, 'problem' in gap ? gap.problem : undefined],
      ['output.prefix', output.prefix, prefixProblem(output.prefix)],
      ['memorySize', memorySize, wholeNumberProblem(memorySize, 128, 10_240)],
      ['timeout', timeout.toHumanString(), wholeNumberProblem(timeout.toSeconds(), 60, 900) && 'must be from 1 to 15 minutes'],
      ['reservedConcurrency', reservedConcurrency, wholeNumberProblem(reservedConcurrency, 1, 1000)],
      ...settingProblems(settings).map((problem) => ['settings', settings, `must be right: ${problem}`] as const),
    ]);
    this.name = name;
    this.timeout = timeout;
    this.longestGap = 'gap' in gap ? gap.gap : Duration.days(0);
    // Lambda waits 1 and 2 minutes before its two retries.
    this.longestRun = maxHandOver.plus(Duration.seconds(timeout.toSeconds() * (retryAttempts + 1))).plus(Duration.minutes(3));

    this.accessTokenSecret = props.accessTokenSecret ?? createAccessTokenSecret(this, 'AccessToken', name, encryptionKey);
    this.failureQueue = createDeadLetterQueue(this, 'FailedRuns', encryptionKey);
    this.handOverQueue = createDeadLetterQueue(this, 'FailedHandOvers', encryptionKey);
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const targets = props.targets.place(this);
    const { failureQueue, logGroup, handOverQueue } = this;
    const role = createSyncRole(this, 'Role', { output, targets, secret: this.accessTokenSecret, failureQueue, logGroup });
    this.function = createSyncFunction(this, 'Function', {
      description: `Syncs LaunchDarkly metric groups (${name})`,
      role,
      logGroup,
      failureQueue,
      memorySize,
      timeout,
      reservedConcurrency,
      environment: {
        [settingDeclarations.targetsUri.variable]: targets.bucket.s3UrlForObject(targets.key),
        [settingDeclarations.outputUri.variable]: outputUri(output),
        [settingDeclarations.secretId.variable]: this.accessTokenSecret.secretArn,
        ...settingVariables(settings),
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: metricNamespace,
      },
    });
    createSyncSchedule(this, 'Schedule', {
      expression: props.schedule,
      timeZone: props.timeZone ?? TimeZone.ETC_UTC,
      syncFunction: this.function,
      handOverQueue,
    });
    if (props.permissionsBoundary) PermissionsBoundary.of(this).apply(props.permissionsBoundary);
  }
}

/** A secret with a random value, until somebody stores the token. No fixed name: one that is kept must not stand in the way of the next. */
function createAccessTokenSecret(scope: Construct, id: string, name: string, encryptionKey: IKey | undefined): ISecret {
  const secret = new Secret(scope, id, {
    description: `LaunchDarkly access token of ${name}: the token itself, or {"accessToken": "..."}`,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...(encryptionKey ? { encryptionKey } : {}),
  });
  Validations.of(secret).acknowledge({
    id: 'AwsSolutions-SMG4',
    reason: 'LaunchDarkly has no API to rotate a token by; people do, see docs/deployment.md, and the function reads it anew.',
  });
  // CDK's classes and interfaces disagree where exactOptionalPropertyTypes is on.
  return secret as ISecret;
}
