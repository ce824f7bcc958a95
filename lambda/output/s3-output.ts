import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Environment } from '../contract/read-settings.ts';
import { describeError, SyncError } from '../errors.ts';
import { compareUtf8 } from '../json/utf8-order.ts';
import type { Content, Output } from './output.ts';

/** Who wrote an object: it tells an own PUT whose answer was lost from somebody else's object. */
const writeIdKey = 'write-id';
const conflictsWaitedFor = 6;
const conflictWaitMs = 50;
const bodiesReadAgain = 2;

/** An S3 client for the endpoint and region that the environment names; look-alikes behind an endpoint of their own get path-style URLs. */
export function createS3Client(environment: Environment): S3Client {
  const ownEndpoint = Boolean(environment['AWS_ENDPOINT_URL_S3'] || environment['AWS_ENDPOINT_URL']);
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  const config: S3ClientConfig = {
    maxAttempts: 6,
    forcePathStyle: ownEndpoint,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
    ...(region ? { region } : {}),
  };
  return new S3Client(config);
}

/** The bucket and the key of an `s3://bucket/key` URI; slashes at the end of the key are dropped. */
export function parseS3Uri(uri: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/*$/s.exec(uri) ?? [];
  return { bucket, key };
}

/** Keeps objects below a prefix of a bucket. */
export function createS3Output(uri: string, client: S3Client): Output {
  const { bucket, key } = parseS3Uri(uri);
  const prefix = key === '' ? '' : `${key}/`;
  const uriOf = (object: string): string => `s3://${bucket}/${prefix}${object}`;

  const put = async (object: string, given: Content, condition: { IfNoneMatch?: '*' }): Promise<'created' | 'exists'> => {
    const writeId = randomUUID();
    // A PUT needs a known length, and a stream cannot be sent again.
    const content = given instanceof Uint8Array ? given : await buffer(given);
    const input = {
      Bucket: bucket,
      Key: prefix + object,
      Body: content,
      ContentLength: content.length,
      ContentType: 'application/gzip',
      Metadata: { [writeIdKey]: writeId },
      ...condition,
    };
    for (let conflicts = 0; ; conflicts++) {
      try {
        await client.send(new PutObjectCommand(input));
        return 'created';
      } catch (error) {
        const status = statusOf(error);
        // 409: another create of the same object is under way, and S3 asks to try again.
        if (status === 409 && conflicts < conflictsWaitedFor) {
          await setTimeout(conflictWaitMs * 2 ** conflicts);
          continue;
        }
        if (status !== 412) throw error;
        // The SDK repeats a PUT whose answer was lost, and then meets its own object.
        const { Metadata } = await explained(`${uriOf(object)}: cannot be read`, 's3:GetObject', () =>
          client.send(new HeadObjectCommand({ Bucket: bucket, Key: prefix + object })),
        );
        return Metadata?.[writeIdKey] === writeId ? 'created' : 'exists';
      }
    }
  };

  return {
    uri,
    prepare: async () => {},
    create: (object, content) =>
      explained(`${uriOf(object)}: cannot be written`, 's3:PutObject', () => put(object, content, { IfNoneMatch: '*' })),
    replace: (object, content) =>
      explained(`${uriOf(object)}: cannot be written`, 's3:PutObject', async () => {
        await put(object, content, {});
      }),
    remove: (object) =>
      explained(`${uriOf(object)}: cannot be removed`, 's3:DeleteObject', async () => {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: prefix + object }));
      }),
    get: (object) =>
      explained(`${uriOf(object)}: cannot be read`, 's3:GetObject and s3:ListBucket', () => readS3Object(client, bucket, prefix + object)),
    list: (listed, startAfter) =>
      explained(`${uriOf(listed)}: cannot be listed`, 's3:ListBucket', async () => {
        const objects: string[] = [];
        let token: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: prefix + listed,
              ...(startAfter === undefined ? {} : { StartAfter: prefix + startAfter }),
              ...(token === undefined ? {} : { ContinuationToken: token }),
            }),
          );
          for (const { Key } of page.Contents ?? []) if (Key !== undefined) objects.push(Key.slice(prefix.length));
          const next = page.IsTruncated ? page.NextContinuationToken : undefined;
          // Half of a listing must not pass for the whole.
          if (page.IsTruncated !== false && (next === undefined || next === token))
            throw new Error('the listing does not say where it goes on, or whether it does');
          token = next;
        } while (token !== undefined);
        // Directory buckets and some look-alikes list in an order of their own.
        return objects.sort(compareUtf8);
      }),
    close: () => client.destroy(),
  };
}

/** Reads a whole object; undefined where there is none. Errors are the SDK's own. */
export async function readS3Object(client: S3Client, bucket: string, key: string): Promise<Buffer | undefined> {
  for (let broken = 0; ; broken++) {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const bytes = await Body?.transformToByteArray().catch((error) => {
        // The SDK repeats a request, though not one whose body breaks off or has another checksum.
        if (broken < bodiesReadAgain) return undefined;
        throw error;
      });
      if (bytes !== undefined) return Buffer.from(bytes);
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }
}

const statusOf = (error: unknown): number | undefined => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined);

const advice: Record<string, string> = {
  NoSuchBucket: 'there is no such bucket: check OUTPUT_URI',
  ExpiredToken: 'the AWS credentials have expired: sign in again',
  InvalidAccessKeyId: 'the AWS credentials are not known: check the profile or the AWS_… variables',
  SignatureDoesNotMatch: 'the AWS secret key is wrong: check the profile or the AWS_… variables',
  CredentialsProviderError: 'no AWS credentials: sign in, or set AWS_PROFILE',
  PermanentRedirect: 'the bucket is in another region: set AWS_REGION',
};

async function explained<T>(what: string, permission: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SyncError) throw error;
    const name = error instanceof Error ? error.name : '';
    const whatToDo =
      advice[name] ?? (statusOf(error) === 403 ? `access denied: this needs ${permission}` : 'run again: it goes on from what is there');
    throw new SyncError('output', `output ${what} (${name}: ${describeError(error)}); ${whatToDo}`, { cause: error });
  }
}
