import { CfnOutput, Duration, Size, Stack, TimeZone } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { childrenOf, type DeploymentSettings } from './deployment-settings.ts';
import { DistributedSyncJob } from './distributed/distributed-sync-job.ts';
import { Monitoring } from './monitoring/monitoring.ts';
import { outputUri } from './output-location.ts';
import type { JobProps } from './sync-job/job-foundation.ts';
import { SyncJob } from './sync-job/sync-job.ts';
import { type Targets, targetsFromBucket, targetsFromFile } from './sync-job/targets.ts';
import { Warehouse } from './warehouse/warehouse.ts';

/** One deployment: a warehouse, the job that fills it, and what watches the job. */
export class MetricGroupSyncStack extends Stack {
  constructor(scope: Construct, deployment: DeploymentSettings) {
    const { name, environment } = deployment;
    super(scope, name, {
      env: environment,
      description: 'LaunchDarkly metric groups and their experiments as tables in S3, ready for Athena',
    });
    const encryptionKey = deployment.encryptionKeyArn ? Key.fromKeyArn(this, 'Key', deployment.encryptionKeyArn) : undefined;
    const warehouse = new Warehouse(this, 'Warehouse', {
      name,
      prefix: deployment.outputPrefix,
      rawRetention: Duration.days(deployment.rawRetentionDays),
      oldVersionRetention: Duration.days(deployment.oldVersionRetentionDays),
      queryResultRetention: Duration.days(deployment.queryResultRetentionDays),
      firstSnapshotDate: deployment.firstSnapshotDate,
      scanLimit: Size.gibibytes(deployment.scanLimitGibibytes),
      ...(deployment.bucketName === undefined
        ? optional('encryptionKey', encryptionKey)
        : { bucket: this.#importBucket(deployment.bucketName, encryptionKey) }),
    });
    const jobProps: JobProps = {
      name,
      schedule: deployment.schedule,
      timeZone: TimeZone.of(deployment.timeZone),
      targets: this.#targets(deployment.targets, encryptionKey),
      output: warehouse.location,
      settings: deployment.settings,
      logRetention: deployment.logRetentionDays,
      memorySize: deployment.memoryMebibytes,
      ...optional('reservedConcurrency', deployment.reservedConcurrency),
      ...optional('encryptionKey', encryptionKey),
      ...optional(
        'accessTokenSecret',
        importFrom(deployment.secretArn, (arn) =>
          Secret.fromSecretAttributes(this, 'GivenSecret', { secretCompleteArn: arn, ...optional('encryptionKey', encryptionKey) }),
        ),
      ),
      ...optional(
        'permissionsBoundary',
        importFrom(deployment.permissionsBoundaryArn, (arn) => ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', arn)),
      ),
    };
    const maxConcurrency = childrenOf(deployment.distributed);
    const job =
      maxConcurrency === undefined
        ? new SyncJob(this, 'Sync', jobProps)
        : new DistributedSyncJob(this, 'Sync', { ...jobProps, maxConcurrency });
    if (deployment.monitoring) {
      new Monitoring(this, 'Monitoring', {
        job,
        without: deployment.alarmsOff,
        ...optional('alarmEmail', deployment.alarmEmail),
        ...optional(
          'alarmTopic',
          importFrom(deployment.alarmTopicArn, (arn) => Topic.fromTopicArn(this, 'GivenTopic', arn)),
        ),
      });
    }
    this.#printOutputs(warehouse, job);
  }

  #importBucket(bucketName: string, encryptionKey: IKey | undefined): IBucket {
    return Bucket.fromBucketAttributes(this, 'GivenBucket', { bucketName, ...optional('encryptionKey', encryptionKey) });
  }

  #targets({ file, object }: DeploymentSettings['targets'], key: IKey | undefined): Targets {
    if (object === undefined) return targetsFromFile(file);
    const bucket = Bucket.fromBucketAttributes(this, 'TargetsBucket', { bucketName: object.bucket, ...optional('encryptionKey', key) });
    return targetsFromBucket(bucket, object.key);
  }

  /** What people need for the commands of docs/deployment.md. */
  #printOutputs(warehouse: Warehouse, job: SyncJob | DistributedSyncJob): void {
    const outputs = {
      OutputUri: outputUri(warehouse.location),
      DatabaseName: warehouse.database.databaseName,
      WorkgroupName: warehouse.workgroup.ref,
      AnalystPolicyArn: warehouse.analystPolicy.managedPolicyArn,
      AccessTokenSecretArn: job.accessTokenSecret.secretArn,
      ...(job instanceof SyncJob
        ? { FunctionName: job.function.functionName, FailedRunsQueueUrl: job.failureQueue.queueUrl }
        : { StateMachineArn: job.stateMachine.stateMachineArn, StartStateMachineArn: job.startStateMachine.stateMachineArn }),
      LogGroupName: job.logGroup.logGroupName,
      FailedHandOversQueueUrl: job.handOverQueue.queueUrl,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}

const importFrom = <T>(name: string | undefined, load: (name: string) => T): T | undefined => (name === undefined ? undefined : load(name));

/** A prop that is left out where there is no value, as `exactOptionalPropertyTypes` wants it. */
function optional<Name extends string, T>(name: Name, value: T | undefined): { [Key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: T });
}
