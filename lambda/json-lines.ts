import { StringDecoder } from 'node:string_decoder';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import { describeError, SyncError } from './errors.ts';

const compress = promisify(gzip);

/** Compresses text to one gzip member without time and name. */
export const gzipText = (text: string): Promise<Buffer> => compress(text);

/** Writes values as JSON, a line each. */
export const toJsonLines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/**
 * Reads gzipped JSON lines one by one: memory is bounded by a line, not by the object.
 * @param object What the content is called in messages.
 * @throws SyncError of kind `output` where the content is something else
 */
export async function* readJsonLines(content: Uint8Array, object: string): AsyncGenerator<unknown> {
  const gunzip = createGunzip();
  gunzip.end(content);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of gunzip) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line);
    }
    if (rest !== '') yield JSON.parse(rest);
  } catch (error) {
    throw new SyncError(
      'output',
      `output ${object}: not gzipped JSON lines (${describeError(error)}); it was damaged, or something else wrote it: restore it, or take the snapshot of another instant`,
      { cause: error },
    );
  }
}
