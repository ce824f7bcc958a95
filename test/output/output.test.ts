import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SyncError } from '../../lambda/errors.ts';
import { createDirectoryOutput } from '../../lambda/output/directory-output.ts';
import type { Output } from '../../lambda/output/output.ts';
import { createS3Client, createS3Output, parseS3Uri } from '../../lambda/output/s3-output.ts';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { createMemoryOutput } from '../memory-output.ts';

function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true });
  }
}

let s3: SimulatedS3;
let directory: string;
const savedEnvironment = { ...process.env };

beforeAll(async () => {
  s3 = await startS3({ buckets: ['warehouse'] });
  // The SDK reads its endpoint and credentials from the process's environment alone.
  Object.assign(process.env, s3.environment);
  directory = await mkdtemp(join(tmpdir(), 'output-'));
});
afterAll(async () => {
  await s3.close();
  await rm(directory, { recursive: true });
  process.env = savedEnvironment;
});
afterEach(() => {
  s3.faults = [];
});

let opened = 0;
const outputs: Record<string, () => Output> = {
  'a directory': () => createDirectoryOutput(join(directory, String(opened++))),
  'the memory of tests': createMemoryOutput,
  'a bucket': () => createS3Output(`s3://warehouse/prefix-${opened++}/`, createS3Client(s3.environment)),
};

describe.each(Object.keys(outputs))('%s', (kind) => {
  const open = (): Output => (outputs[kind] as () => Output)();

  test('creates an object once and keeps the first content', async () => {
    const output = open();
    await output.prepare();
    expect(await output.create('raw/a/plan.gz', Buffer.from('first'))).toBe('created');
    expect(await output.create('raw/a/plan.gz', Buffer.from('second'))).toBe('exists');
    expect((await output.get('raw/a/plan.gz'))?.toString()).toBe('first');
  });

  test('lets exactly one of many creates at once win', async () => {
    const output = open();
    const results = await Promise.all(Array.from({ length: 8 }, (_, writer) => output.create('raw/one.gz', Buffer.from(String(writer)))));
    expect(results.filter((result) => result === 'created').length).toBe(1);
    const winner = results.indexOf('created');
    expect((await output.get('raw/one.gz'))?.toString()).toBe(String(winner));
  });

  test('replaces an object whole, whether it was there or not', async () => {
    const output = open();
    await output.replace('tables/t/x.gz', Buffer.from('one'));
    await output.replace('tables/t/x.gz', Buffer.from('two'));
    expect((await output.get('tables/t/x.gz'))?.toString()).toBe('two');
  });

  test('removes an object and no other, also one that is not there, and lets it be created again', async () => {
    const output = open();
    for (const object of ['tables/t/1.gz', 'tables/t/10.gz']) await output.create(object, Buffer.from('first'));
    await output.remove('tables/t/1.gz');
    await output.remove('tables/t/1.gz');
    await output.remove('tables/none/1.gz');
    expect(await output.get('tables/t/1.gz')).toBeUndefined();
    expect(await output.list('tables/')).toEqual(['tables/t/10.gz']);
    expect(await output.create('tables/t/1.gz', Buffer.from('second'))).toBe('created');
    expect((await output.get('tables/t/1.gz'))?.toString()).toBe('second');
  });

  test('replaces by a stream, and leaves what stands where the stream breaks off', async () => {
    const output = open();
    await output.replace('tables/t/x.gz', Readable.from([Buffer.from('o'), Buffer.from('ne')]));
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('broke off');
      })(),
    );
    await expect(output.replace('tables/t/x.gz', broken)).rejects.toThrow('broke off');
    expect((await output.get('tables/t/x.gz'))?.toString()).toBe('one');
    expect(await output.list('tables/')).toEqual(['tables/t/x.gz']);
  });

  test('gives nothing for an object that is not there', async () => {
    expect(await open().get('raw/none.gz')).toBeUndefined();
  });

  test('lists by prefix, sorted, after a given name, and nothing where there is nothing', async () => {
    const output = open();
    for (const object of ['tables/b/2.gz', 'tables/b/1.gz', 'tables/bb/1.gz', 'tables/a/1.gz', 'raw/x/1.gz'])
      await output.create(object, Buffer.from('x'));
    expect(await output.list('tables/')).toEqual(['tables/a/1.gz', 'tables/b/1.gz', 'tables/b/2.gz', 'tables/bb/1.gz']);
    expect(await output.list('tables/b/')).toEqual(['tables/b/1.gz', 'tables/b/2.gz']);
    expect(await output.list('tables/b')).toEqual(['tables/b/1.gz', 'tables/b/2.gz', 'tables/bb/1.gz']);
    expect(await output.list('tables/', 'tables/b/1.gz')).toEqual(['tables/b/2.gz', 'tables/bb/1.gz']);
    expect(await output.list('nothing/')).toEqual([]);
  });

  test('holds binary content and an empty one as they are', async () => {
    const output = open();
    const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await output.create('raw/binary.gz', content);
    await output.create('raw/empty.gz', Buffer.alloc(0));
    expect(await output.get('raw/binary.gz')).toEqual(content);
    expect(await output.get('raw/empty.gz')).toEqual(Buffer.alloc(0));
  });
});

const failure = (work: Promise<unknown>): Promise<SyncError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );

describe('a directory', () => {
  test('leaves no hidden file behind, and lists none', async () => {
    const output = createDirectoryOutput(join(directory, 'hidden'));
    await output.prepare();
    await output.create('raw/a.gz', Buffer.from('a'));
    await output.create('raw/a.gz', Buffer.from('b'));
    await writeFile(join(directory, 'hidden/raw/.b.gz.1.tmp'), 'half');
    expect(await output.list('raw/')).toEqual(['raw/a.gz']);
    expect(await readdir(join(directory, 'hidden/raw'))).toEqual(['.b.gz.1.tmp', 'a.gz']);
  });

  test('removes no directory that stands in an object’s place', async () => {
    await mkdir(join(directory, 'folders/tables/t/x.gz'), { recursive: true });
    const error = await failure(createDirectoryOutput(join(directory, 'folders')).remove('tables/t/x.gz'));
    expect(error.message).toMatch(/^output .*\/folders\/tables\/t\/x\.gz: cannot be removed \(E/);
  });

  test('says what is in the way and what to do', async () => {
    await writeFile(join(directory, 'file'), 'not a directory');
    const error = await failure(createDirectoryOutput(join(directory, 'file')).prepare());
    expect(error).toMatchObject({ kind: 'output' });
    expect(error.message).toContain(join(directory, 'file'));
    expect(error.message).toContain('a file stands where a directory must be');
  });

  test('ends with an error where a directory takes no children', async () => {
    const error = await failure(createDirectoryOutput('/proc').create('raw/a.gz', Buffer.from('a')));
    expect(error.message).toMatch(/^output \/proc\/raw\/a\.gz: cannot be written/);
  });

  test('says that the disk is full, and keeps nothing half visible', async ({ skip }) => {
    const isSkipped = !canMount();
    if (isSkipped) console.warn('The test of a full disk is skipped: it needs the right to mount a file system');
    skip(isSkipped, 'needs the right to mount a file system');
    const full = join(directory, 'full');
    await mkdir(full);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', full]);
    try {
      const output = createDirectoryOutput(full);
      expect(await output.create('raw/small.gz', Buffer.alloc(1000))).toBe('created');
      const error = await failure(output.create('raw/big.gz', Buffer.alloc(100_000)));
      expect(error.message).toContain('the disk is full: free some room and run again');
      expect(await readdir(join(full, 'raw'))).toEqual(['small.gz']);
    } finally {
      execFileSync('umount', [full]);
    }
  });

  test('follows a link that stands for the output itself', async () => {
    await mkdir(join(directory, 'real'));
    await symlink(join(directory, 'real'), join(directory, 'link'));
    const output = createDirectoryOutput(join(directory, 'link'));
    await output.create('raw/a.gz', Buffer.from('a'));
    expect(await readdir(join(directory, 'real/raw'))).toEqual(['a.gz']);
    await chmod(join(directory, 'real'), 0o755);
  });
});

describe('a bucket', () => {
  const open = (prefix: string): Output => createS3Output(`s3://warehouse/${prefix}`, createS3Client(s3.environment));

  test('counts its own object as created when the answer of the write was lost', async () => {
    s3.faults = [{ match: ({ method }) => method === 'PUT', times: 1, effect: 'reset-after' }];
    expect(await open('lost').create('raw/a.gz', Buffer.from('a'))).toBe('created');
  });

  test('tries again where S3 says that another write is under way', async () => {
    s3.faults = [{ match: ({ method }) => method === 'PUT', times: 2, effect: 'ConditionalRequestConflict' }];
    expect(await open('conflict').create('raw/a.gz', Buffer.from('a'))).toBe('created');
  });

  test.each(['cut-short', 'wrong-checksum'] as const)('reads an object again whose answer is %s, twice at most', async (effect) => {
    const output = open(effect);
    await output.create('raw/a.gz', Buffer.from('content'));
    const fail = (times: number) => [{ match: ({ method }: { method: string }) => method === 'GET', times, effect }];
    s3.faults = fail(2);
    expect(await output.get('raw/a.gz')).toEqual(Buffer.from('content'));
    s3.faults = fail(3);
    expect(await failure(output.get('raw/a.gz'))).toMatchObject({ kind: 'output', message: expect.stringContaining('run again') });
  });

  test.each<[string, object[]]>([
    ['more and not where', [{ IsTruncated: true }]],
    ['the same place twice', Array(2).fill({ IsTruncated: true, NextContinuationToken: 'a' })],
    ['nothing, as a proxy does', [{}]],
  ])('is not believed where a listing says %s', async (_what, pages) => {
    const answers = pages.values();
    const client = { send: async () => answers.next().value } as unknown as Parameters<typeof createS3Output>[1];
    expect(await failure(createS3Output('s3://warehouse/p', client).list('raw/'))).toMatchObject({ kind: 'output' });
  });

  test('that lists in an order of its own is sorted', async () => {
    const page = { IsTruncated: false, Contents: [{ Key: 'p/raw/b' }, { Key: 'p/raw/a' }] };
    const client = { send: async () => page } as unknown as Parameters<typeof createS3Output>[1];
    expect(await createS3Output('s3://warehouse/p', client).list('raw/')).toEqual(['raw/a', 'raw/b']);
  });

  test('names the permission that is missing', async () => {
    s3.faults = [{ match: () => true, effect: 'AccessDenied' }];
    const output = open('denied');
    expect((await failure(output.create('raw/a.gz', Buffer.from('a')))).message).toContain('access denied: this needs s3:PutObject');
    expect((await failure(output.get('raw/a.gz'))).message).toContain('access denied: this needs s3:GetObject');
    expect((await failure(output.list('raw/'))).message).toContain('access denied: this needs s3:ListBucket');
    expect((await failure(output.remove('raw/a.gz'))).message).toContain('access denied: this needs s3:DeleteObject');
  });

  test('says that there is no such bucket', async () => {
    const output = createS3Output('s3://nowhere/prefix', createS3Client(s3.environment));
    const error = await failure(output.create('raw/a.gz', Buffer.from('a')));
    expect(error).toMatchObject({ kind: 'output' });
    expect(error.message).toContain('there is no such bucket');
  });

  test('writes below its prefix with a name that Athena reads as gzip, without a content encoding', async () => {
    await open('typed').create('tables/t/a.jsonl.gz', Buffer.from('a'));
    const stored = s3.objects.get('warehouse/typed/tables/t/a.jsonl.gz');
    expect(stored).toMatchObject({ contentType: 'application/gzip', body: Buffer.from('a') });
    expect(stored?.contentEncoding).toBeUndefined();
  });

  test.each([
    ['s3://bucket', { bucket: 'bucket', key: '' }],
    ['s3://bucket/', { bucket: 'bucket', key: '' }],
    ['s3://bucket/a/b/', { bucket: 'bucket', key: 'a/b' }],
  ])('%s is understood', (uri, parts) => {
    expect(parseS3Uri(uri)).toEqual(parts);
  });
});
