import { Duration, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** A queue for what could not be done: encrypted, TLS only, read by people, kept as long as SQS keeps anything. */
export function createDeadLetterQueue(scope: Construct, id: string, encryptionKey: IKey | undefined): Queue {
  const queue = new Queue(scope, id, {
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    ...(encryptionKey
      ? { encryption: QueueEncryption.KMS, encryptionMasterKey: encryptionKey }
      : { encryption: QueueEncryption.SQS_MANAGED }),
  });
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'It is a dead-letter queue itself, of Scheduler or of Lambda.' });
  return queue;
}
