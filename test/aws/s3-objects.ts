import type { Answer } from './http-listener.ts';
import { S3Failure } from './s3-answers.ts';
import { crc32Base64, etagOf, verifyChecksums } from './s3-checksums.ts';
import type { S3Request } from './s3-request.ts';

/** An object as the simulated S3 keeps it. */
export interface StoredObject {
  readonly body: Buffer;
  /** User metadata, names in lower case without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly contentEncoding?: string;
  /** @default the epoch */
  readonly lastModified?: Date;
}

/** Objects by `bucket/key`. */
export type ObjectMap = Map<string, StoredObject>;

const metadataPrefix = 'x-amz-meta-';
const maxMetadataBytes = 2048;
const maxKeyBytes = 1024;

/** PutObject, create-only with `If-None-Match: *`. Nothing else runs between the check and the write, so one of two racing creators loses. */
export function putObject(objects: ObjectMap, request: S3Request, nowMs: number): Answer {
  const { bucket, key, headers, body } = request;
  if (Buffer.byteLength(key) > maxKeyBytes) throw new S3Failure('KeyTooLongError', `Your key is too long: ${key}`);
  verifyChecksums(headers, body);
  const metadata = readMetadata(request);
  if (headers['if-none-match'] === '*' && objects.has(`${bucket}/${key}`)) {
    throw new S3Failure('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold: If-None-Match');
  }
  const contentEncoding = headers['content-encoding'];
  objects.set(`${bucket}/${key}`, {
    body,
    metadata,
    contentType: headers['content-type'] ?? 'binary/octet-stream',
    ...(contentEncoding === undefined ? {} : { contentEncoding }),
    lastModified: new Date(nowMs),
  });
  return { status: 200, headers: { etag: etagOf(body), ...checksumHeaders(body) }, body: Buffer.alloc(0) };
}

/** GetObject, whole or one range of it, and HeadObject: the same answer, whose body HTTP leaves out for HEAD. */
export function getObject(objects: ObjectMap, { bucket, key, headers }: S3Request): Answer {
  const object = objects.get(`${bucket}/${key}`);
  if (object === undefined) throw new S3Failure('NoSuchKey', `The specified key does not exist: ${key}`);
  const { body, metadata, contentType, contentEncoding, lastModified = new Date(0) } = object;
  const answered: Record<string, string> = {
    'content-type': contentType,
    etag: etagOf(body),
    'last-modified': lastModified.toUTCString(),
    'accept-ranges': 'bytes',
  };
  if (contentEncoding !== undefined) answered['content-encoding'] = contentEncoding;
  for (const [name, value] of Object.entries(metadata)) answered[metadataPrefix + name] = value;
  if (headers.range === undefined) {
    if (headers['x-amz-checksum-mode'] === 'ENABLED') Object.assign(answered, checksumHeaders(body));
    return { status: 200, headers: answered, body };
  }
  const { start, end } = readRange(headers.range, body.length);
  return {
    status: 206,
    headers: { ...answered, 'content-range': `bytes ${start}-${end - 1}/${body.length}` },
    body: body.subarray(start, end),
  };
}

/** The bytes of a single range, `end` exclusive. */
function readRange(range: string, length: number): { start: number; end: number } {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const start = from === '' ? Math.max(0, length - Number(to)) : Number(from);
  const end = from === '' || to === '' ? length : Math.min(length, Number(to) + 1);
  if ((from === '' && to === '') || start >= end) throw new S3Failure('InvalidRange', `The requested range is not satisfiable: ${range}`);
  return { start, end };
}

/** DeleteObject, in a bucket without versions: 204, whether the object was there or not. */
export function deleteObject(objects: ObjectMap, { bucket, key }: S3Request): Answer {
  objects.delete(`${bucket}/${key}`);
  return { status: 204, headers: {}, body: Buffer.alloc(0) };
}

function readMetadata({ headers }: S3Request): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = String(value);
  }
  const bytes = Buffer.byteLength(Object.entries(metadata).flat().join(''), 'latin1');
  if (bytes > maxMetadataBytes) {
    throw new S3Failure(
      'MetadataTooLarge',
      `Your metadata headers exceed the maximum allowed metadata size: ${bytes} > ${maxMetadataBytes}`,
    );
  }
  return metadata;
}

function checksumHeaders(body: Buffer): Record<string, string> {
  return { 'x-amz-checksum-crc32': crc32Base64(body), 'x-amz-checksum-type': 'FULL_OBJECT' };
}
