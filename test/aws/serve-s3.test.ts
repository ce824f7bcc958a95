import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'serve-s3-'));
afterAll(() => rmSync(directory, { recursive: true }));

interface Served {
  readonly url: string;
  readonly client: S3Client;
  stop(): Promise<unknown>;
}

async function serve(): Promise<Served> {
  const script = join(import.meta.dirname, 'serve-s3.ts');
  const child = spawn(process.execPath, [script, '--bucket', 'lake', '--directory', directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url, environment } = JSON.parse(line);
  const credentials = { accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY };
  const client = new S3Client({
    endpoint: environment.AWS_ENDPOINT_URL_S3,
    region: environment.AWS_REGION,
    credentials,
    forcePathStyle: true,
  });
  const stop = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    return (await exited)[0];
  };
  return { url, client, stop };
}

test('serves objects as plain files, counts requests, ends on SIGTERM, and finds the files again', async () => {
  const Bucket = 'lake';
  const Key = 'tables/day=2026-01-01/rows.json';
  const first = await serve();
  await first.client.send(new PutObjectCommand({ Bucket, Key, Body: '{"n":1}', Metadata: { run: 'r1' }, ContentType: 'application/json' }));
  expect(readFileSync(join(directory, Bucket, Key), 'utf8')).toBe('{"n":1}');
  for (const bad of ['../outside', 'a//b', `${Key}/below`]) {
    const put = first.client.send(new PutObjectCommand({ Bucket, Key: bad, Body: 'x' }));
    await expect(put).rejects.toMatchObject({ name: 'InvalidArgument' });
  }
  expect(existsSync(join(directory, 'outside'))).toBe(false);
  expect(await (await fetch(`${first.url}/__requests`)).json()).toEqual({ PUT: 4 });
  expect(await first.stop()).toBe(0);

  const second = await serve();
  const found = await second.client.send(new GetObjectCommand({ Bucket, Key }));
  expect(found).toMatchObject({ Metadata: { run: 'r1' }, ContentType: 'application/json', ContentLength: 7 });
  expect(await (await fetch(`${second.url}/__requests`)).json()).toEqual({ GET: 1 });
  expect(await second.stop()).toBe(0);
});
