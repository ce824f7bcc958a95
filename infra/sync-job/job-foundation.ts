import { Duration, RemovalPolicy, TimeZone } from 'aws-cdk-lib';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { metricNamespace } from '../../lambda/contract/metrics.ts';
import { settingDeclarations } from '../../lambda/contract/settings.ts';
import { checkProps, type PropCheck, wholeNumberProblem } from '../check-props.ts';
import { nameProblem } from '../deployment-name.ts';
import { type OutputLocation, outputUri, prefixProblem } from '../output-location.ts';
import { longestGap } from '../schedule/longest-gap.ts';
import { createAccessTokenSecret } from './access-token-secret.ts';
import { createDeadLetterQueue } from './dead-letter-queue.ts';
import { type SyncSettings, settingProblems, settingVariables } from './sync-settings.ts';
import type { Targets, TargetsObject } from './targets.ts';

/** What is synced when, from where and to where. */
export interface JobProps {
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
   * Memory of a function in MiB, and with it its share of a processor.
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

/** What every job stands on: props with their defaults, and what is made of them whoever does the work. */
export type JobFoundation = {
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly timeZone: TimeZone;
  readonly longestGap: Duration;
  readonly accessTokenSecret: ISecret;
  readonly handOverQueue: IQueue;
  readonly logGroup: LogGroup;
  readonly logRetention: RetentionDays;
  readonly targets: TargetsObject;
  /** The environment of a function that asks with a secret, plans with a list, or does neither. */
  environmentOf(settings: SyncSettings, access: { readonly secret?: ISecret; readonly targets?: TargetsObject }): Record<string, string>;
};

/**
 * Checks the props of a job and makes its secret, its log and its queue for failed hand-overs.
 * @throws Error that names every wrong prop
 */
export function createJobFoundation(scope: Construct, props: JobProps, more: readonly PropCheck[] = []): JobFoundation {
  const { name, output, settings = {}, encryptionKey, memorySize = 1024, timeout = Duration.minutes(15), reservedConcurrency } = props;
  const gap = longestGap(props.schedule);
  checkProps(scope, [
    ['name', name, nameProblem(name)],
    ['schedule', props.schedule, 'problem' in gap ? gap.problem : undefined],
    ['output.prefix', output.prefix, prefixProblem(output.prefix)],
    ['memorySize', memorySize, wholeNumberProblem(memorySize, 128, 10_240)],
    ['timeout', timeout.toHumanString(), wholeNumberProblem(timeout.toSeconds(), 60, 900) && 'must be from 1 to 15 minutes'],
    ['reservedConcurrency', reservedConcurrency, wholeNumberProblem(reservedConcurrency, 1, 1000)],
    ...settingProblems(settings).map((problem) => ['settings', settings, `must be right: ${problem}`] as const),
    ...more,
  ]);
  const logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
  return {
    memorySize,
    timeout,
    timeZone: props.timeZone ?? TimeZone.ETC_UTC,
    longestGap: 'gap' in gap ? gap.gap : Duration.days(0),
    accessTokenSecret: props.accessTokenSecret ?? createAccessTokenSecret(scope, 'AccessToken', name, encryptionKey),
    handOverQueue: createDeadLetterQueue(scope, 'FailedHandOvers', encryptionKey),
    logGroup: new LogGroup(scope, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY }),
    logRetention,
    targets: props.targets.place(scope),
    environmentOf: (given, { secret, targets }) => ({
      ...(targets ? { [settingDeclarations.targetsUri.variable]: targets.bucket.s3UrlForObject(targets.key) } : {}),
      [settingDeclarations.outputUri.variable]: outputUri(output),
      ...(secret ? { [settingDeclarations.secretId.variable]: secret.secretArn } : {}),
      ...settingVariables(given),
      POWERTOOLS_SERVICE_NAME: name,
      POWERTOOLS_METRICS_NAMESPACE: metricNamespace,
    }),
  };
}
