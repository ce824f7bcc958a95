import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { keyWithin, type OutputLocation, objectsWithin } from '../output-location.ts';
import type { TargetsObject } from './targets.ts';

/** What a function touches. */
export type SyncRoleProps = {
  readonly description: string;
  readonly output: OutputLocation;
  /** The folders of the output that it writes to, and those that it reads and lists. */
  readonly writes: readonly string[];
  readonly reads: readonly string[];
  readonly targets?: TargetsObject;
  readonly secret?: ISecret;
  readonly failureQueue?: IQueue;
  readonly logGroup: ILogGroup;
};

/**
 * A function's role, written by hand: CDK's grants would add tagging, legal holds and whole buckets.
 * Nothing is ever deleted or overwritten by a run, so there is no permission to.
 */
export function createSyncRole(scope: Construct, id: string, props: SyncRoleProps): Role {
  const role = new Role(scope, id, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: props.description,
    inlinePolicies: {
      Logs: new PolicyDocument({
        statements: [
          new PolicyStatement({
            sid: 'WriteLogs',
            actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            resources: [props.logGroup.logGroupArn],
          }),
        ],
      }),
      Sync: new PolicyDocument({ statements: syncStatements(props) }),
    },
  });
  acknowledgeWildcards(
    role,
    [...new Set([...props.reads, ...props.writes])].map((folder) => objectsWithin(props.output, folder)),
    'Objects of one folder of one location, which have a name of their own in every snapshot.',
  );
  return role;
}

function syncStatements({ output, writes, reads, targets, secret, failureQueue }: SyncRoleProps): PolicyStatement[] {
  const objects = (sid: string, actions: string[], of: readonly string[]): PolicyStatement =>
    new PolicyStatement({ sid, actions, resources: of.map((folder) => objectsWithin(output, folder)) });
  const isTheSame = writes.length === reads.length && writes.every((folder) => reads.includes(folder));
  // It also decides whether a missing object is 404 or 403: S3 takes its key for the prefix.
  const listing = new PolicyStatement({
    sid: 'ListObjects',
    actions: ['s3:ListBucket'],
    resources: [output.bucket.bucketArn],
    conditions: { StringLike: { 's3:prefix': reads.map((folder) => `${keyWithin(output, folder)}*`) } },
  });
  const statements = isTheSame
    ? [objects('WriteAndReadObjects', ['s3:GetObject', 's3:PutObject'], writes), listing]
    : [objects('WriteObjects', ['s3:PutObject'], writes), objects('ReadObjects', ['s3:GetObject'], reads), listing];
  if (targets) {
    const resources = [targets.bucket.arnForObjects(targets.key)];
    statements.push(new PolicyStatement({ sid: 'ReadTargets', actions: ['s3:GetObject'], resources }));
  }
  if (secret) {
    // A secret known by its name alone has six more characters at the end of its ARN.
    const resources = [secret.secretFullArn ?? `${secret.secretArn}-??????`];
    statements.push(new PolicyStatement({ sid: 'ReadAccessToken', actions: ['secretsmanager:GetSecretValue'], resources }));
  }
  if (failureQueue)
    statements.push(new PolicyStatement({ sid: 'ReportFailedRuns', actions: ['sqs:SendMessage'], resources: [failureQueue.queueArn] }));
  return [
    ...statements,
    ...keyStatements('ReadEncrypted', ['kms:Decrypt'], [secret?.encryptionKey, targets?.bucket.encryptionKey]),
    ...keyStatements(
      'WriteEncrypted',
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      [output.bucket.encryptionKey, failureQueue?.encryptionMasterKey],
    ),
  ];
}

function keyStatements(sid: string, actions: string[], keys: readonly (IKey | undefined)[]): PolicyStatement[] {
  const arns = [...new Set(keys.flatMap((key) => (key ? [key.keyArn] : [])))];
  return arns.length === 0 ? [] : [new PolicyStatement({ sid, actions, resources: arns })];
}
