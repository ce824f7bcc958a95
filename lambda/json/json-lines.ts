import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib';
import { describeError, SyncError } from '../errors.ts';

const chunkSize = 64 * 1024;
/** Room for a usual part, which is then decompressed in one piece. */
const partChunkSize = 1024 * 1024;

/**
 * Compresses bytes to one gzip member without time and name, here and now: for parts, which take a few milliseconds each.
 * @param level 3 takes half the time of 6, which is the usual one, and a third more room.
 */
export const gzipNow = (bytes: Uint8Array, level: number): Buffer => gzipSync(bytes, { chunkSize, level });

/** Compresses texts, one after the other, to one gzip member without time and name; only a block of them is held at a time. */
export async function gzipTexts(texts: Iterable<string>): Promise<Buffer> {
  const blocks = inBlocks(texts);
  const { value: first = '' } = blocks.next();
  // Less than a block is most of what is compressed, the plan before the first request among it: a stream takes longer to set up.
  return first.length < chunkSize ? gzipSync(first, { chunkSize }) : pipeline(following(first, blocks), createGzip({ chunkSize }), buffer);
}

function* following(first: string, blocks: Iterable<string>): Generator<string> {
  yield first;
  yield* blocks;
}

function* inBlocks(texts: Iterable<string>): Generator<string> {
  let block = '';
  for (const text of texts) {
    block += text;
    if (block.length < chunkSize) continue;
    yield block;
    block = '';
  }
  if (block !== '') yield block;
}

/** Writes values as JSON, a line each. */
export function* toJsonLines(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield `${JSON.stringify(value)}\n`;
}

/**
 * Reads the gzipped JSON lines of an object of bounded size, such as a part: decompressed at once, parsed line by line.
 * @param object What the content is called in messages.
 * @throws SyncError of kind `output` where the content is something else
 */
export function* readJsonLines(content: Uint8Array, object: string): Generator<unknown> {
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
 * Reads the gzipped JSON lines of an object of any size, such as a plan, as many at once as came out of the gzip together: memory is bounded
 * by that, and by a line.
 * @param object What the content is called in messages.
 * @param isWanted Lines, counted from 0, that are parsed; of the others comes undefined, which costs next to nothing.
 * @throws SyncError of kind `output` where the content is something else
 */
export async function* streamJsonLines(
  content: Uint8Array,
  object: string,
  isWanted: (line: number) => boolean,
): AsyncGenerator<unknown[]> {
  let count = 0;
  try {
    for await (const lines of streamLines(content))
      yield lines.filter((line) => line !== '\n').map((line) => (isWanted(count++) ? JSON.parse(line) : undefined));
  } catch (error) {
    throw damaged(object, error);
  }
}

/**
 * Reads the gzipped lines of an object of any size as they stand, each with its `\n`, as many at once as came out of the gzip together.
 * @throws the error of zlib or of the decoder where the content is no gzip, is cut short, or is not UTF-8
 */
export async function* streamLines(content: Uint8Array): AsyncGenerator<string[]> {
  const stream = createGunzip({ chunkSize });
  stream.end(content);
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    // Split only what holds a line's end: a plan's first line may be as long as the list of targets.
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) yield splitAfterNewlines(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

function splitAfterNewlines(text: string): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start) + 1;
    lines.push(text.slice(start, end));
    start = end;
  }
  return lines;
}

function damaged(object: string, error: unknown): SyncError {
  return new SyncError(
    'output',
    `output ${object}: not gzipped JSON lines (${describeError(error)}); it was damaged, or something else wrote it: restore it, or take the snapshot of another instant`,
    { cause: error },
  );
}
