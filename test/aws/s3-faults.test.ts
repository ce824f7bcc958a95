import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type S3Effect, type SimulatedS3, startS3 } from './s3-server.ts';

const Bucket = 'lake';

describe('a fault of the simulated S3', () => {
  let s3: SimulatedS3;
  let client: S3Client;
  const put = (Key: string, Body: string | Buffer = 'body', input: Partial<PutObjectCommandInput> = {}) =>
    client.send(new PutObjectCommand({ Bucket, Key, Body, ...input }));
  const text = async (Key: string) => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
  const statuses = () => s3.requests.map(({ status }) => status);
  const fail = (effect: S3Effect, method: string, times = 1) => {
    s3.faults = [{ match: (request) => request.method === method, times, effect }];
  };

  beforeEach(async () => {
    s3 = await startS3({ buckets: [Bucket] });
    for (const [name, value] of Object.entries(s3.environment)) vi.stubEnv(name, value);
    client = new S3Client({ forcePathStyle: true });
  });
  afterEach(async () => {
    client.destroy();
    vi.unstubAllEnvs();
    await s3.close();
  });

  test('loses an answer after the write, so the retry of a create-only put meets its own object', async () => {
    fail('reset-after', 'PUT');
    await expect(put('once', 'mine', { IfNoneMatch: '*', Metadata: { run: 'r1' } })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(statuses()).toEqual([0, 412]);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'once' }))).toMatchObject({ Metadata: { run: 'r1' } });
  });

  test.each<[S3Effect, number]>([
    ['reset-before', 0],
    ['InternalError', 500],
    ['SlowDown', 503],
  ])('fails once with %s, writes nothing, and the SDK tries again', async (effect, status) => {
    fail(effect, 'PUT');
    await put('key', 'body', { IfNoneMatch: '*' });
    expect(statuses()).toEqual([status, 200]);
  });

  test.each<[S3Effect, number]>([
    ['AccessDenied', 403],
    ['ConditionalRequestConflict', 409],
    ['NoSuchBucket', 404],
  ])('fails with %s, which the SDK passes on', async (effect, httpStatusCode) => {
    fail(effect, 'PUT');
    await expect(put('key')).rejects.toMatchObject({ name: effect, $metadata: { httpStatusCode } });
    expect(s3.objects.size).toBe(0);
  });

  test('waits as long as a delay says, and writes although the client has given up', async () => {
    s3.faults = [{ match: () => true, effect: { delayMs: 200 } }];
    const impatience = new AbortController();
    const late = client.send(new PutObjectCommand({ Bucket, Key: 'late', Body: 'x' }), { abortSignal: impatience.signal });
    await vi.waitFor(() => expect(statuses()).toEqual([0]), { interval: 5 });
    impatience.abort();
    await expect(late).rejects.toMatchObject({ name: 'AbortError' });
    expect(s3.objects.size).toBe(0);
    await vi.waitFor(() => expect(s3.objects.has('lake/late')).toBe(true));
  });

  test('answers a wrong checksum, which the SDK finds when the body is read', async () => {
    await put('key');
    fail('wrong-checksum', 'GET');
    await expect(text('key')).rejects.toThrow(/checksum mismatch/i);
    expect(await text('key')).toBe('body');
  });

  test('closes at once, in the middle of a delayed answer', async () => {
    s3.faults = [{ match: () => true, effect: { delayMs: 60_000 } }];
    const pending = fetch(`${s3.url}/lake/k`).catch(() => 'unsigned requests are not delayed');
    const stuck = new S3Client({ forcePathStyle: true, maxAttempts: 1 })
      .send(new GetObjectCommand({ Bucket, Key: 'k' }))
      .catch((error: Error) => error);
    await pending;
    await vi.waitFor(() => expect(statuses()).toEqual([403, 0]));
    await s3.close();
    expect(await stuck).toBeInstanceOf(Error);
    expect(s3.requests[1]).toMatchObject({ status: 0, bytes: 0 });
  });
});
