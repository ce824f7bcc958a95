import { StringDecoder } from 'node:string_decoder';
import { promisify } from 'node:util';
import { createGunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';
import { describeError, SyncError } from '../errors.ts';

const compress = promisify(gzip);
const chunkSize = 64 * 1024;
/** Room for a usual part, which is then decompressed in one piece. */
const partChunkSize = 1024 * 1024;

/**
 * Compresses bytes to one gzip member without time and name, here and now: for parts, which take a few milliseconds each.
 * @param level 3 takes half the time of 6, which is the usual one, and a third more room.
 */
export const gzipNow = (bytes: Uint8Array, level: number): Buffer => gzipSync(bytes, { chunkSize, level });

/** Compresses text to one gzip member without time and name. */
export const gzipText = (text: string): Promise<Buffer> => compress(text, { chunkSize });

/** Writes values as JSON, a line each. */
export const toJsonLines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/**
 * Reads the gzipped JSON lines of an object of bounded size, such as a part: decompressed at once, parsed line by line.
 * @param object What the content is called in messages.
 * @throws SyncError of kind `output` where the content is something else
 */
export async function* readJsonLines(content: Uint8Array, object: string): AsyncGenerator<unknown> {
  let bytes: Buffer | undefined;
  try {
    bytes = gunzipSync(content, { chunkSize: partChunkSize });
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline === -1 ? bytes.length : newline;
      if (end > start) yield JSON.parse(bytes.toString('utf8', start, end));
      start = end + 1;
    }
  } catch (error) {
    throw damaged(object, error);
  } finally {
    // Freed here: what is outside the heap waits long for a collection, and the bytes of a dozen parts with it.
    if (bytes?.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
  }
}

/**
 * Reads the gzipped JSON lines of an object of any size, such as a plan: memory is bounded by a line.
 * @param object What the content is called in messages.
 * @throws SyncError of kind `output` where the content is something else
 */
export async function* streamJsonLines(content: Uint8Array, object: string): AsyncGenerator<unknown> {
  const stream = createGunzip({ chunkSize });
  stream.end(content);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of stream) {
      const text = decoder.write(chunk);
      // Split only what holds a line's end: a plan's first line may be as long as the list of targets.
      if (!text.includes('\n')) {
        rest += text;
        continue;
      }
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line);
    }
    if (rest !== '') yield JSON.parse(rest);
  } catch (error) {
    throw damaged(object, error);
  }
}

function damaged(object: string, error: unknown): SyncError {
  return new SyncError(
    'output',
    `output ${object}: not gzipped JSON lines (${describeError(error)}); it was damaged, or something else wrote it: restore it, or take the snapshot of another instant`,
    { cause: error },
  );
}
