import type { Answer } from './http-listener.ts';
import { answerXml, element, S3Failure } from './s3-answers.ts';
import { etagOf } from './s3-checksums.ts';
import type { ObjectMap } from './s3-objects.ts';
import type { S3Request } from './s3-request.ts';

const maxPageSize = 1000;

interface Position {
  readonly after: string;
  /** Whether `after` is a common prefix, whose keys have all been told. */
  readonly isPrefix: boolean;
}

/** ListObjectsV2: keys in the order of their UTF-8 bytes, at most 1000 keys and common prefixes a page. */
export function listObjects(objects: ObjectMap, { bucket, query }: S3Request): Answer {
  const { prefix = '', delimiter = '' } = query;
  const pageSize = readPageSize(query['max-keys']);
  const position = readPosition(query);
  const entries: string[] = [];
  let last: Position | undefined;
  let keyCount = 0;
  let truncated = false;
  for (const key of sortedKeys(objects, bucket, prefix, position)) {
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const group = cut === -1 ? undefined : key.slice(0, cut + delimiter.length);
    if (group !== undefined && last?.isPrefix && last.after === group) continue;
    if (keyCount === pageSize) {
      truncated = pageSize > 0;
      break;
    }
    entries.push(group === undefined ? keyEntry(objects, bucket, key, query) : commonPrefixEntry(group, query));
    last = { after: group ?? key, isPrefix: group !== undefined };
    keyCount += 1;
  }
  const document = [
    element('Name', bucket),
    element('Prefix', encodeKey(prefix, query)),
    delimiter === '' ? '' : element('Delimiter', encodeKey(delimiter, query)),
    element('MaxKeys', pageSize),
    query['encoding-type'] === 'url' ? element('EncodingType', 'url') : '',
    element('KeyCount', keyCount),
    element('IsTruncated', truncated),
    optional('ContinuationToken', query['continuation-token']),
    optional('StartAfter', query['start-after'] && encodeKey(query['start-after'], query)),
    truncated && last !== undefined ? element('NextContinuationToken', writeToken(last)) : '',
    ...entries,
  ];
  return answerXml(200, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${document.join('')}</ListBucketResult>`);
}

function sortedKeys(objects: ObjectMap, bucket: string, prefix: string, { after, isPrefix }: Position): string[] {
  const start = `${bucket}/${prefix}`;
  const afterBytes = Buffer.from(after);
  const found: { key: string; bytes: Buffer }[] = [];
  for (const path of objects.keys()) {
    if (!path.startsWith(start)) continue;
    const key = path.slice(bucket.length + 1);
    const bytes = Buffer.from(key);
    if (Buffer.compare(bytes, afterBytes) > 0 && !(isPrefix && key.startsWith(after))) found.push({ key, bytes });
  }
  return found.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ key }) => key);
}

function keyEntry(objects: ObjectMap, bucket: string, key: string, query: S3Request['query']): string {
  const { body, lastModified = new Date(0) } = objects.get(`${bucket}/${key}`) ?? { body: Buffer.alloc(0) };
  const fields = [
    element('Key', encodeKey(key, query)),
    element('LastModified', lastModified.toISOString()),
    element('ETag', etagOf(body)),
    element('Size', body.length),
    element('StorageClass', 'STANDARD'),
  ];
  return `<Contents>${fields.join('')}</Contents>`;
}

function commonPrefixEntry(group: string, query: S3Request['query']): string {
  return `<CommonPrefixes>${element('Prefix', encodeKey(group, query))}</CommonPrefixes>`;
}

function readPageSize(text: string | undefined): number {
  if (text === undefined) return maxPageSize;
  if (!/^\d{1,9}$/.test(text)) throw new S3Failure('InvalidArgument', `max-keys is '${text}': want a whole number from 0`);
  return Math.min(Number(text), maxPageSize);
}

function readPosition(query: S3Request['query']): Position {
  const token = query['continuation-token'];
  if (token === undefined) return { after: query['start-after'] ?? '', isPrefix: false };
  const text = Buffer.from(token, 'base64url').toString();
  if (!/^[kp]/.test(text)) throw new S3Failure('InvalidArgument', 'The continuation token provided is incorrect');
  return { after: text.slice(1), isPrefix: text.startsWith('p') };
}

function writeToken({ after, isPrefix }: Position): string {
  return Buffer.from((isPrefix ? 'p' : 'k') + after).toString('base64url');
}

function encodeKey(key: string, query: S3Request['query']): string {
  return query['encoding-type'] === 'url' ? encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+') : key;
}

function optional(name: string, text: string | undefined): string {
  return text === undefined ? '' : element(name, text);
}
