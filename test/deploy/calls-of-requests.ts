import type { S3RequestRecord } from '../aws/s3-server.ts';
import type { SecretsManagerRequestRecord } from '../aws/secrets-manager-server.ts';
import type { Call } from './policy-evaluator.ts';

/**
 * The permissions that a request to S3 asks for.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * @throws Error for a request of a kind that no run makes
 */
export function callsOfS3Request({ method, bucket, key, query, status }: S3RequestRecord): Call[] {
  const bucketArn = `arn:aws:s3:::${bucket}`;
  const object = (action: string): Call => ({ action, resource: `${bucketArn}/${key}` });
  const listing = (prefix: string | undefined): Call => ({
    action: 's3:ListBucket',
    resource: bucketArn,
    ...(prefix === undefined ? {} : { context: { 's3:prefix': prefix } }),
  });
  if (key !== '' && method === 'PUT') return [object('s3:PutObject')];
  // Who may not list is not told that an object is missing: S3 answers 403 in place of 404.
  if (key !== '' && (method === 'GET' || method === 'HEAD')) return [object('s3:GetObject'), ...(status === 404 ? [listing(key)] : [])];
  if (key === '' && method === 'GET' && query['list-type'] === '2') return [listing(query['prefix'])];
  throw new Error(`no permission is known for ${method} ${bucket}/${key} ${JSON.stringify(query)}`);
}

/** The permission that a request to Secrets Manager asks for; the secret must be named by its ARN. */
export const callOfSecretsRequest = ({ operation, secretId }: SecretsManagerRequestRecord): Call => ({
  action: `secretsmanager:${operation}`,
  resource: secretId,
});
