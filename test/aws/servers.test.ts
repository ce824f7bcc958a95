import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  paginateListObjectsV2,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SimulatedS3, startS3 } from './s3-server.ts';

const Bucket = 'lake';

describe('the simulated S3, asked by the AWS SDK', () => {
  let s3: SimulatedS3;
  let client: S3Client;
  const pathStyle: S3ClientConfig = { forcePathStyle: true };
  const put = (Key: string, Body: string | Buffer = 'body', input: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...input }));
  const text = async (Key: string) => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  const statuses = () => s3.requests.map(({ status }) => status);

  beforeEach(async () => {
    s3 = await startS3({ buckets: [Bucket] });
    for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
    client = new S3Client(pathStyle);
  });
  afterEach(async () => {
    client.destroy();
    vi.unstubAllEnvs();
    await s3.close();
  });

  test('is found through the environment alone, without forcePathStyle', async () => {
    await new S3Client({}).send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    expect([...s3.objects.keys()]).toEqual(['lake/a']);
  });

  test('keeps body, type, encoding and metadata, for GET and HEAD, and logs both', async () => {
    const body = randomBytes(3_000_000);
    const Key = "odd key/ä+&%'()*~!$,=@:;.json.gz";
    const sent = { Metadata: { 'run-id': 'r1', Sha256: 'abc=' }, ContentType: 'application/gzip' };
    const written = await put(Key, body, sent);
    const read = await client.send(new GetObjectCommand({ Bucket, Key }));
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    const told = {
      Metadata: { 'run-id': 'r1', sha256: 'abc=' },
      ContentType: 'application/gzip',
      ContentLength: 3_000_000,
      ETag: written.ETag,
    };
    expect(Buffer.compare(Buffer.from((await read.Body?.transformToByteArray()) ?? []), body)).toBe(0);
    expect(read).toMatchObject(told);
    expect(head).toMatchObject(told);
    expect(s3.objects.get(`lake/${Key}`)).toMatchObject({ metadata: told.Metadata, contentType: told.ContentType });
    expect(s3.requests).toEqual([
      { method: 'PUT', bucket: Bucket, key: Key, query: { 'x-id': 'PutObject' }, status: 200, bytes: 3_000_000 },
      { method: 'GET', bucket: Bucket, key: Key, query: { 'x-id': 'GetObject' }, status: 200, bytes: 3_000_000 },
      { method: 'HEAD', bucket: Bucket, key: Key, query: {}, status: 200, bytes: 0 },
    ]);
  });

  test('creates only what is not there, also when many create at once', async () => {
    const attempts = Array.from({ length: 10 }, (_, writer) => put('once', `writer ${writer}`, { IfNoneMatch: '*' }));
    const results = await Promise.allSettled(attempts);
    const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason);
    expect(refused).toHaveLength(9);
    expect(refused[0]).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    await put('once', 'replaced');
    expect(await text('once')).toBe('replaced');
  });

  test('lists more than 1000 keys in pages, in byte order', async () => {
    const keys = Array.from({ length: 2345 }, (_, index) => `part-${index}`);
    for (const key of [...keys, 'other'])
      s3.objects.set(`lake/${key}`, { body: Buffer.from('x'), metadata: {}, contentType: 'text/plain' });
    s3.objects.set('elsewhere/part-0', { body: Buffer.from('x'), metadata: {}, contentType: 'text/plain' });
    const pages: string[][] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: 'part-' })) {
      pages.push(Contents.map(({ Key = '' }) => Key));
    }
    expect(pages.map((page) => page.length)).toEqual([1000, 1000, 345]);
    expect(pages.flat()).toEqual(keys.sort());
    const after = await client.send(new ListObjectsV2Command({ Bucket, StartAfter: 'part-997', MaxKeys: 1 }));
    expect(after).toMatchObject({ KeyCount: 1, IsTruncated: true, Contents: [{ Key: 'part-998', Size: 1 }] });
  });

  test('lists folders once each, over pages too, and escapes odd names', async () => {
    for (const key of ['a/1', 'a/2', 'b&<c>/1', 'b&<c>/2', 'c d/1', 'e', 'ﬀ', '😀']) await put(key);
    const found: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: 1 }, { Bucket, Delimiter: '/' })) {
      found.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix), ...(page.Contents ?? []).map(({ Key }) => Key));
    }
    expect(found).toEqual(['a/', 'b&<c>/', 'c d/', 'e', 'ﬀ', '😀']);
    const encoded = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'c ', EncodingType: 'url' }));
    expect(encoded).toMatchObject({ EncodingType: 'url', Prefix: 'c+', Contents: [{ Key: 'c+d/1' }] });
    expect(await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'none' }))).toMatchObject({ KeyCount: 0, IsTruncated: false });
    await expect(client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '!' }))).rejects.toMatchObject({
      name: 'InvalidArgument',
    });
  });

  test('refuses a wrong secret key, access key and region', async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = s3.environment;
    const refusal = (config: S3ClientConfig) =>
      new S3Client({ ...pathStyle, ...config })
        .send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
        .catch((error: Error) => error.name);
    expect(await refusal({ credentials: { accessKeyId, secretAccessKey: 'wrong' } })).toBe('SignatureDoesNotMatch');
    expect(await refusal({ credentials: { accessKeyId: 'AKIAOTHER', secretAccessKey } })).toBe('InvalidAccessKeyId');
    expect(await refusal({ region: 'us-west-2' })).toBe('AuthorizationHeaderMalformed');
    expect(s3.objects.size).toBe(0);
  });

  test.each([
    ['before it is signed', 'before', 'BadDigest'],
    ['after it is signed', 'after', 'XAmzContentSHA256Mismatch'],
  ] as const)('refuses a body corrupted %s', async (_, relation, name) => {
    const corrupt = (next: (args: never) => never) => (args: object) => {
      Object.assign('request' in args ? (args.request as object) : {}, { body: 'bodY' });
      return next(args as never);
    };
    client.middlewareStack.addRelativeTo(corrupt as never, { relation, toMiddleware: 'httpSigningMiddleware' });
    await expect(put('key')).rejects.toMatchObject({ name });
    expect(s3.objects.size).toBe(0);
  });

  test('takes an unsigned payload, whose checksum is verified all the same', async () => {
    const unsigned = (next: (args: never) => never) => (args: { request: { headers: Record<string, string> } }) => {
      args.request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args as never);
    };
    client.middlewareStack.addRelativeTo(unsigned as never, { relation: 'before', toMiddleware: 'httpSigningMiddleware' });
    await put('key');
    await expect(put('other', 'body', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
    expect([...s3.objects.keys()]).toEqual(['lake/key']);
  });

  test('verifies Content-MD5, SHA1 and SHA256, and refuses what it cannot calculate', async () => {
    await put('md5', 'body', { ContentMD5: 'hBotaJrYa9FhFEdFPCLG/A==' });
    await put('sha1', 'body', { ChecksumAlgorithm: 'SHA1' });
    await put('sha256', 'body', { ChecksumAlgorithm: 'SHA256' });
    await expect(put('x', 'other', { ContentMD5: 'hBotaJrYa9FhFEdFPCLG/A==' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(put('x', 'body', { ContentMD5: 'short' })).rejects.toMatchObject({ name: 'InvalidDigest' });
    await expect(put('x', 'body', { ChecksumSHA256: 'AAAA' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(put('x', 'body', { ChecksumCRC64NVME: 'AAAA' })).rejects.toMatchObject({ name: 'NotImplemented' });
    expect([...s3.objects.keys()]).toEqual(['lake/md5', 'lake/sha1', 'lake/sha256']);
  });

  test('answers one range of an object, as S3 does', async () => {
    await put('ranged', '0123456789');
    const read = async (Range: string): Promise<unknown> => {
      const { Body, ContentRange } = await client.send(new GetObjectCommand({ Bucket, Key: 'ranged', Range }));
      return [await Body?.transformToString(), ContentRange];
    };
    expect(await read('bytes=2-4')).toEqual(['234', 'bytes 2-4/10']);
    expect(await read('bytes=7-')).toEqual(['789', 'bytes 7-9/10']);
    expect(await read('bytes=-2')).toEqual(['89', 'bytes 8-9/10']);
    expect(await read('bytes=8-99')).toEqual(['89', 'bytes 8-9/10']);
    await expect(read('bytes=10-')).rejects.toThrow('The requested range is not satisfiable: bytes=10-');
  });

  test('refuses loudly what it does not simulate', async () => {
    const refusal = (promise: Promise<unknown>) => promise.then(String, (error: Error) => `${error.name}: ${error.message}`);
    const logger = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
    const stream = new PutObjectCommand({ Bucket, Key: 'k', Body: Readable.from(['x']), ContentLength: 1 });
    expect(await refusal(new S3Client({ ...pathStyle, logger }).send(stream))).toMatch(/NotImplemented: .*aws-chunked/);
    expect(await refusal(put('k', 'x', { ACL: 'private', IfMatch: '"etag"' }))).toMatch(/NotImplemented: .*if-match/);
    expect(await refusal(client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'k' }] } })))).toMatch(
      /MethodNotAllowed/,
    );
    expect(await refusal(put('k', 'x', { Metadata: { long: 'x'.repeat(2048) } }))).toMatch(/MetadataTooLarge/);
    expect(await refusal(put('k'.repeat(1025)))).toMatch(/KeyTooLongError/);
    expect(await refusal(put('k', Buffer.from('x'), { Metadata: { name: 'ä' } }))).toMatch(/SignatureDoesNotMatch/);
    expect(s3.objects.size).toBe(0);
  });

  test('deletes an object, and answers the same where there is none', async () => {
    await put('gone');
    await put('kept');
    const answers = await Promise.all(['gone', 'none'].map((Key) => client.send(new DeleteObjectCommand({ Bucket, Key }))));
    expect(answers.map(({ $metadata }) => $metadata.httpStatusCode)).toEqual([204, 204]);
    expect([...s3.objects.keys()]).toEqual(['lake/kept']);
  });

  test('tells a missing key from a missing bucket', async () => {
    await expect(client.send(new GetObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toMatchObject({ name: 'NotFound' });
    await client.send(new HeadBucketCommand({ Bucket }));
    s3.buckets.delete(Bucket);
    await expect(client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(put('key')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  test('refuses unsigned requests and bodies without a length, and drops one that breaks off', async () => {
    const unsigned = await fetch(`${s3.url}/lake/k`, { method: 'PUT', body: 'x' });
    expect([unsigned.status, await unsigned.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
    const chunked = await fetch(`${s3.url}/lake/k`, {
      method: 'PUT',
      body: Readable.toWeb(Readable.from(['x'])) as never,
      duplex: 'half',
    } as never);
    expect(chunked.status).toBe(411);
    const broken = httpRequest(`${s3.url}/lake/k`, { method: 'PUT', headers: { 'content-length': '10' } }).on('error', () => {});
    broken.write('half', () => broken.destroy());
    await new Promise((resolve) => broken.once('close', resolve));
    expect(s3.objects.size).toBe(0);
    expect(statuses()).toEqual([403, 411]);
  });
});
