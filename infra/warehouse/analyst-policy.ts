import { Stack } from 'aws-cdk-lib';
import type { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IDatabase } from 'aws-cdk-lib/aws-glue';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { folders, keyWithin, type OutputLocation, objectsWithin } from '../output-location.ts';

/** What an analyst may read. */
export type AnalystPolicyProps = {
  readonly location: OutputLocation;
  readonly database: IDatabase;
  readonly workgroup: CfnWorkGroup;
};

/** A policy for people and tools that query: the tables and views of one database in one workgroup. Raw answers are not theirs to read. */
export function createAnalystPolicy(scope: Construct, id: string, { location, database, workgroup }: AnalystPolicyProps): ManagedPolicy {
  const stack = Stack.of(scope);
  const { bucket } = location;
  const workgroupArn = stack.formatArn({ service: 'athena', resource: 'workgroup', resourceName: workgroup.ref });
  const glueArn = (resource: string, resourceName?: string): string =>
    stack.formatArn({ service: 'glue', resource, ...(resourceName === undefined ? {} : { resourceName }) });
  const policy = new ManagedPolicy(scope, id, {
    description: 'Query the metric groups: read the tables, one database, one workgroup and its results',
    statements: [
      new PolicyStatement({
        sid: 'Query',
        actions: [
          'athena:StartQueryExecution',
          'athena:StopQueryExecution',
          'athena:GetQueryExecution',
          'athena:BatchGetQueryExecution',
          'athena:GetQueryResults',
          'athena:GetQueryResultsStream',
          'athena:ListQueryExecutions',
          'athena:GetWorkGroup',
          'athena:ListNamedQueries',
          'athena:GetNamedQuery',
          'athena:BatchGetNamedQuery',
        ],
        resources: [workgroupArn],
      }),
      new PolicyStatement({
        sid: 'BrowseCatalogue',
        actions: [
          'athena:GetDataCatalog',
          'athena:ListDatabases',
          'athena:GetDatabase',
          'athena:ListTableMetadata',
          'athena:GetTableMetadata',
        ],
        resources: [stack.formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' })],
      }),
      // The console shows nothing without these; they list names, and take no resource.
      new PolicyStatement({
        sid: 'OpenConsole',
        actions: ['athena:ListDataCatalogs', 'athena:ListEngineVersions', 'athena:ListWorkGroups'],
        resources: ['*'],
      }),
      new PolicyStatement({
        sid: 'Catalogue',
        actions: [
          'glue:GetDatabase',
          'glue:GetDatabases',
          'glue:GetTable',
          'glue:GetTables',
          'glue:GetPartition',
          'glue:GetPartitions',
          'glue:BatchGetPartition',
        ],
        resources: [
          glueArn('catalog'),
          // Athena looks at the account's default database whatever the query names.
          glueArn('database', 'default'),
          glueArn('database', database.databaseName),
          glueArn('table', `${database.databaseName}/*`),
        ],
      }),
      new PolicyStatement({ sid: 'ReadTables', actions: ['s3:GetObject'], resources: [objectsWithin(location, folders.tables)] }),
      new PolicyStatement({
        sid: 'KeepResults',
        actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
        resources: [objectsWithin(location, folders.queryResults)],
      }),
      new PolicyStatement({
        sid: 'ListTablesAndResults',
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: {
          StringLike: { 's3:prefix': [`${keyWithin(location, folders.tables)}*`, `${keyWithin(location, folders.queryResults)}*`] },
        },
      }),
      new PolicyStatement({ sid: 'FindBucket', actions: ['s3:GetBucketLocation'], resources: [bucket.bucketArn] }),
      ...(bucket.encryptionKey
        ? [
            new PolicyStatement({
              sid: 'UseKey',
              actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
              resources: [bucket.encryptionKey.keyArn],
            }),
          ]
        : []),
    ],
  });
  acknowledgeWildcards(policy, [glueArn('table', `${database.databaseName}/*`)], 'Tables and views of one database.');
  acknowledgeWildcards(
    policy,
    [folders.tables, folders.queryResults].map((folder) => objectsWithin(location, folder)),
    'Objects of one folder of one location.',
  );
  acknowledgeWildcards(policy, ['*'], 'Athena lists catalogues, engines and workgroups for * alone; the lists hold names only.');
  return policy;
}
