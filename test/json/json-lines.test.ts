import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gzipTexts, readJsonLines, streamLines, toJsonLines } from '../../lambda/json/json-lines.ts';

async function readAll(content: Uint8Array): Promise<unknown[]> {
  const lines: unknown[] = [];
  for (const line of readJsonLines(content, 'raw/x.gz')) lines.push(line);
  return lines;
}

const gzipLines = (values: readonly unknown[]): Promise<Buffer> => gzipTexts(toJsonLines(values));

describe('gzipped text', () => {
  it('is one member that carries neither time nor name', async () => {
    const zipped = await gzipTexts(['{"a":1}\n']);
    expect([...zipped.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    expect(gunzipSync(zipped).toString()).toBe('{"a":1}\n');
    expect(await gzipTexts(['{"a":1}\n'])).toEqual(zipped);
  });

  it('is an empty gzip for no text', async () => {
    expect(gunzipSync(await gzipTexts([]))).toHaveLength(0);
  });
});

describe('lines as they stand', () => {
  const linesOf = async (content: Uint8Array): Promise<string[]> => {
    const lines: string[] = [];
    for await (const batch of streamLines(content)) lines.push(...batch);
    return lines;
  };

  it('keep their newlines, empty lines and a last one without, also where chunks cut them', async () => {
    expect(await linesOf(gzipSync(''))).toEqual([]);
    expect(await linesOf(gzipSync('a\n\nb'))).toEqual(['a\n', '\n', 'b']);
    const lines = Array.from({ length: 3000 }, (_, n) => `${'👍é'.repeat(n % 50)}\n`);
    const long = ['x'.repeat(300_000), '\ufeffy\n'];
    expect(await linesOf(gzipSync([...lines, ...long].join('')))).toEqual([...lines, long.join('')]);
  });

  it('end in an error where the content is cut short, is no gzip or no UTF-8', async () => {
    for (const damaged of [gzipSync('a\n').subarray(0, 12), Buffer.from('a\n'), Buffer.alloc(0), gzipSync(Buffer.from([0x61, 0xff, 0x0a]))])
      await expect(linesOf(damaged)).rejects.toThrow();
    await expect(linesOf(gzipSync(Buffer.from([0x61, 0xc3])))).rejects.toThrow();
  });
});

describe('JSON lines', () => {
  it('end in a newline each, with none left over', async () => {
    expect(gunzipSync(await gzipLines([{ a: 'x\ny' }, 1, null])).toString()).toBe('{"a":"x\\ny"}\n1\nnull\n');
    expect(gunzipSync(await gzipLines([]))).toHaveLength(0);
  });

  it('are the bytes of all their text at once, however many there are', async () => {
    for (const count of [0, 1, 10, 20_000]) {
      const values = Array.from({ length: count }, (_, n) => ({ n, text: `é${n}` }));
      expect(await gzipLines(values)).toEqual(gzipSync(values.map((value) => `${JSON.stringify(value)}\n`).join('')));
    }
  });

  it('come back as they went', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), async (values) => {
        const written = values.map((value) => JSON.parse(JSON.stringify(value)));
        expect(await readAll(await gzipLines(written))).toEqual(written);
      }),
      { numRuns: 50 },
    );
  });

  it('come back where lines and characters are cut by chunks', async () => {
    const values = Array.from({ length: 3000 }, (_, n) => ({ n, text: '👍é'.repeat(n % 50) }));
    expect(await readAll(await gzipLines(values))).toEqual(values);
  });

  it('are read up to where the reader stops', () => {
    const lines = readJsonLines(gzipSync('1\n2\nnot json\n'), 'x');
    expect(lines.next().value).toBe(1);
    lines.return(undefined);
  });

  it('may lack the last newline', async () => {
    expect(await readAll(gzipSync('1\n2'))).toEqual([1, 2]);
  });

  it.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['plain text', Buffer.from('{"a":1}\n')],
    ['a gzip cut in half', gzipSync('1\n'.repeat(1000)).subarray(0, 15)],
    ['a gzip with another checksum', Buffer.from(gzipSync('1\n').with(-6, 9))],
    ['lines that are not JSON', gzipSync('1\n{"a":\n')],
  ])('damaged to %s are an error of the output that names the object', async (_case, content) => {
    await expect(readAll(content)).rejects.toMatchObject({
      name: 'SyncError',
      kind: 'output',
      message: expect.stringMatching(/^output raw\/x\.gz: not gzipped JSON lines \(.+\)/),
      cause: expect.any(Error),
    });
  });
});
