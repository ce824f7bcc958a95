import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { folders } from '../output-location.ts';

/** What a warehouse's own bucket keeps, and for how long. */
export type WarehouseBucketProps = {
  readonly prefix: string;
  readonly encryptionKey: IKey | undefined;
  readonly rawRetention: Duration;
  readonly oldVersionRetention: Duration;
  readonly queryResultRetention: Duration;
};

/** The bucket of a warehouse that was not given one: private, encrypted, versioned, and never deleted with the stack. */
export function createWarehouseBucket(scope: Construct, id: string, props: WarehouseBucketProps): IBucket {
  const { encryptionKey, prefix } = props;
  const within = (folder: string): string => (prefix === '' ? folder : `${prefix}/${folder}`);
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    ...(encryptionKey
      ? { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: BucketEncryption.S3_MANAGED }),
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    // Nothing moves to another storage class: Athena skips what is in Glacier without a word.
    lifecycleRules: [
      { id: 'raw', prefix: within(folders.raw), expiration: props.rawRetention },
      { id: 'athena-results', prefix: within(folders.queryResults), expiration: props.queryResultRetention },
      {
        id: 'old-versions',
        noncurrentVersionExpiration: props.oldVersionRetention,
        expiredObjectDeleteMarker: true,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
  });
  // It goes on to refuse plain HTTP where the bucket outlives the stack.
  bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Access logs need a bucket of their own; who needs them has CloudTrail data events, or brings a bucket.',
  });
  // CDK's classes and interfaces disagree where exactOptionalPropertyTypes is on.
  return bucket as IBucket;
}
