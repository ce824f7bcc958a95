import type { IncomingHttpHeaders } from 'node:http';
import type { ReceivedRequest } from './http-listener.ts';
import { S3Failure } from './s3-answers.ts';

/** A path-style S3 request; `key` is empty for requests to the bucket itself. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Splits a path-style target into bucket, key and query, without normalising the key. Throws `S3Failure` InvalidURI. */
export function parseS3Request({ method, target, headers, body }: ReceivedRequest): S3Request {
  const [, path = '', queryText = ''] = /^\/([^?]*)\??(.*)$/s.exec(target) ?? [];
  const slash = path.indexOf('/');
  const [bucket, key] = slash === -1 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
  try {
    return {
      method,
      bucket: decodeURIComponent(bucket),
      key: decodeURIComponent(key),
      query: Object.fromEntries(new URLSearchParams(queryText)),
      headers,
      body,
    };
  } catch {
    throw new S3Failure('InvalidURI', `Couldn't parse the specified URI: ${target}`);
  }
}

const unsupportedHeaders = [
  'if-match',
  'if-modified-since',
  'if-unmodified-since',
  'x-amz-copy-source',
  'x-amz-tagging',
  'x-amz-write-offset-bytes',
];
const objectQueries = ['x-id'];
const listQueries = [
  'x-id',
  'list-type',
  'prefix',
  'delimiter',
  'start-after',
  'continuation-token',
  'max-keys',
  'encoding-type',
  'fetch-owner',
];

/** Refuses, with an `S3Failure`, what this server does not simulate, rather than ignoring it as other look-alikes do. */
export function refuseUnsupported({ method, key, query, headers }: S3Request): void {
  const host = headers.host ?? '';
  if (!/^(127\.0\.0\.1|localhost):\d+$/.test(host)) throw notImplemented(`the host ${host}: use path-style addressing`);
  if (!['GET', 'HEAD', 'PUT', 'DELETE'].includes(method))
    throw new S3Failure('MethodNotAllowed', `${method} is not allowed against this resource.`);
  if (isAwsChunked(headers)) throw notImplemented('an aws-chunked body: give the SDK a Buffer or a string, not a stream');
  if (method === 'PUT' && headers['content-length'] === undefined) {
    throw new S3Failure('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  const header = unsupportedHeaders.find((name) => headers[name] !== undefined);
  if (header !== undefined) throw notImplemented(`the header ${header}`);
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && (method !== 'PUT' || ifNoneMatch !== '*'))
    throw notImplemented(`${method} with If-None-Match: ${ifNoneMatch}`);
  const queries = key === '' ? listQueries : objectQueries;
  const unknown = Object.keys(query).find((name) => !queries.includes(name));
  if (unknown !== undefined) throw notImplemented(`the query parameter ${unknown}`);
  if (key === '' && method === 'GET' && query['list-type'] !== '2') throw notImplemented('GET without a key, except ListObjectsV2');
  if (key === '' && (method === 'PUT' || method === 'DELETE')) throw notImplemented(`${method} without a key`);
}

function isAwsChunked(headers: IncomingHttpHeaders): boolean {
  return (
    /\baws-chunked\b/.test(headers['content-encoding'] ?? '') ||
    String(headers['x-amz-content-sha256']).startsWith('STREAMING-') ||
    headers['x-amz-trailer'] !== undefined ||
    headers['x-amz-decoded-content-length'] !== undefined
  );
}

function notImplemented(what: string): S3Failure {
  return new S3Failure('NotImplemented', `This simulated S3 does not take ${what}.`);
}
