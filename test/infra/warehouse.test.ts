import { Duration, Size, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { Warehouse } from '../../infra/warehouse/warehouse.ts';
import { partitionColumn, type TableName, tables } from '../../lambda/contract/tables.ts';
import { createApp, onlyResource, readable, resourcesOf, synthesize } from './synthesize.ts';

type TableInput = {
  readonly Name: TableName;
  readonly Description: string;
  readonly TableType: string;
  readonly Parameters: Record<string, string>;
  readonly PartitionKeys: readonly unknown[];
  readonly StorageDescriptor: { readonly Columns: readonly unknown[]; readonly Location: unknown; readonly SerdeInfo: unknown };
};

const template = synthesize();
const tableInputs = Object.values(resourcesOf(template, 'AWS::Glue::Table'))
  .map(({ Properties }) => Properties['TableInput'] as TableInput)
  .filter(({ TableType }) => TableType !== 'VIRTUAL_VIEW');
const asGlue = ({ name, type, comment }: { name: string; type: string; comment: string }) => ({ Name: name, Type: type, Comment: comment });

describe('tables', () => {
  test("are the contract's, no more and no fewer", () => {
    expect(tableInputs.map(({ Name }) => Name).sort()).toEqual(Object.keys(tables).sort());
  });

  test.each(tableInputs)(
    "$Name has the contract's columns: names, types, comments and order",
    ({ Name, StorageDescriptor, Description }) => {
      expect(StorageDescriptor.Columns).toEqual(tables[Name].columns.map(asGlue));
      expect(Description).toBe(tables[Name].comment);
    },
  );

  test.each(tableInputs)('$Name lies where the sync writes it', ({ Name, StorageDescriptor }) => {
    expect(readable(StorageDescriptor.Location)).toBe(`s3://\${WarehouseBucket}/metric-groups/tables/${Name}/`);
  });

  test.each(tableInputs)('$Name needs no crawler: its dates are projected', ({ Parameters, PartitionKeys, TableType }) => {
    expect(PartitionKeys).toEqual([asGlue(partitionColumn)]);
    expect(TableType).toBe('EXTERNAL_TABLE');
    expect(Parameters).toEqual({
      EXTERNAL: 'TRUE',
      'projection.enabled': 'true',
      'projection.snapshot_date.type': 'date',
      'projection.snapshot_date.format': 'yyyy-MM-dd',
      'projection.snapshot_date.range': '2026-01-01,NOW+1DAYS',
    });
  });

  test.each(tableInputs)('$Name is read by the SerDe that fails loudly on bad lines, not by OpenX', ({ StorageDescriptor }) => {
    expect(StorageDescriptor.SerdeInfo).toEqual({ SerializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' });
  });
});

describe('the bucket', () => {
  const bucket = onlyResource(template, 'AWS::S3::Bucket');

  test('outlives the stack', () => {
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('is private, encrypted and versioned', () => {
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  test('refuses requests without TLS 1.2', () => {
    const { Statement } = onlyResource(template, 'AWS::S3::BucketPolicy').Properties['PolicyDocument'] as {
      Statement: { Effect: string }[];
    };
    expect(Statement).toMatchObject([
      { Effect: 'Deny', Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Effect: 'Deny', Action: 's3:*', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } },
    ]);
  });

  test('lets raw answers, old versions and query results expire, and tables never; nothing moves to Glacier', () => {
    expect(bucket.Properties['LifecycleConfiguration']).toEqual({
      Rules: [
        { Id: 'raw', Status: 'Enabled', Prefix: 'metric-groups/raw/', ExpirationInDays: 365 },
        { Id: 'athena-results', Status: 'Enabled', Prefix: 'metric-groups/athena-results/', ExpirationInDays: 7 },
        {
          Id: 'old-versions',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          ExpiredObjectDeleteMarker: true,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    });
  });
});

test('queries run within limits that no client can lift, and the workgroup can be deleted', () => {
  expect(readable(onlyResource(template, 'AWS::Athena::WorkGroup').Properties)).toMatchObject({
    Name: 'sync',
    RecursiveDeleteOption: true,
    WorkGroupConfiguration: {
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10 * 2 ** 30,
      ResultConfiguration: {
        OutputLocation: `s3://\${WarehouseBucket}/metric-groups/athena-results/`,
        EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
      },
    },
  });
});

test('removing a deployment leaves no database behind that the next one would stumble over', () => {
  expect(onlyResource(template, 'AWS::Glue::Database')).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { DatabaseInput: { Name: 'sync' } },
  });
});

test('an analyst reads tables, one database, one workgroup and its results: no raw answers, and nothing can be deleted', () => {
  const { Statement } = onlyResource(template, 'AWS::IAM::ManagedPolicy').Properties['PolicyDocument'] as { Statement: { Sid: string }[] };
  const here = `\${AWS::Region}:\${AWS::AccountId}`;
  const resources = Object.fromEntries(
    (readable(Statement) as { Sid: string; Resource: unknown }[]).map(({ Sid, Resource }) => [Sid, Resource]),
  );
  expect(resources).toEqual({
    Query: `arn:\${AWS::Partition}:athena:${here}:workgroup/\${WarehouseWorkgroup}`,
    BrowseCatalogue: `arn:\${AWS::Partition}:athena:${here}:datacatalog/AwsDataCatalog`,
    OpenConsole: '*',
    Catalogue: expect.arrayContaining([
      `arn:\${AWS::Partition}:glue:${here}:catalog`,
      `arn:\${AWS::Partition}:glue:${here}:database/default`,
      `arn:\${AWS::Partition}:glue:${here}:database/\${WarehouseDatabase}`,
      `arn:\${AWS::Partition}:glue:${here}:table/\${WarehouseDatabase}/*`,
    ]),
    ReadTables: `\${WarehouseBucket.Arn}/metric-groups/tables/*`,
    KeepResults: `\${WarehouseBucket.Arn}/metric-groups/athena-results/*`,
    ListTablesAndResults: `\${WarehouseBucket.Arn}`,
    FindBucket: `\${WarehouseBucket.Arn}`,
  });
  expect(Statement.find(({ Sid }) => Sid === 'OpenConsole')).toMatchObject({
    Action: ['athena:ListDataCatalogs', 'athena:ListEngineVersions', 'athena:ListWorkGroups'],
  });
  expect(Statement.find(({ Sid }) => Sid === 'ListTablesAndResults')).toMatchObject({
    Condition: { StringLike: { 's3:prefix': ['metric-groups/tables/*', 'metric-groups/athena-results/*'] } },
  });
});

describe('as a construct of its own', () => {
  const createStack = (): Stack => new Stack(createApp(), 'Stack');

  test('it fills a given bucket and makes none', () => {
    const stack = createStack();
    new Warehouse(stack, 'Warehouse', { name: 'sync', bucket: Bucket.fromBucketName(stack, 'Given', 'given-bucket') });
    const given = Template.fromStack(stack);
    expect(resourcesOf(given, 'AWS::S3::Bucket')).toEqual({});
    const inputs = Object.values(resourcesOf(given, 'AWS::Glue::Table')).map(({ Properties }) => Properties['TableInput'] as TableInput);
    expect(inputs[0]?.StorageDescriptor.Location).toBe('s3://given-bucket/tables/sync_targets/');
  });

  test('a given key encrypts objects and results, and analysts may use it', () => {
    const stack = createStack();
    const encryptionKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111122223333:key/0f0e0d0c-1111-2222-3333-444455556666');
    new Warehouse(stack, 'Warehouse', { name: 'sync', encryptionKey });
    const text = JSON.stringify(Template.fromStack(stack).toJSON());
    expect(text).toContain('"SSEAlgorithm":"aws:kms"');
    expect(text).toContain('"EncryptionOption":"SSE_KMS"');
    expect(text).toContain('["kms:Decrypt","kms:GenerateDataKey"]');
  });

  test('it names all props that are wrong at once', () => {
    const props = {
      name: 'My Sync',
      prefix: '/x/',
      rawRetention: Duration.hours(12),
      scanLimit: Size.kibibytes(1),
      firstSnapshotDate: '2026-02-30',
    };
    expect(() => new Warehouse(createStack(), 'Warehouse', props)).toThrow(
      [
        'Stack/Warehouse:',
        'name is "My Sync"; it must be up to 40 lower-case letters, digits and single "-", and start with a letter',
        'prefix is "/x/"; it must be folders of letters, digits, ".", "_", "=" and "-" that start with a letter or digit, at most 200 characters, without / at either end',
        'rawRetention is "12 hours"; it must be whole days from 1 to 36500',
        'firstSnapshotDate is "2026-02-30"; it must be a date such as 2026-01-01',
        'scanLimit is "1024 bytes"; it must be at least 10 MiB',
      ].join('\n  '),
    );
  });
});
