import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Failure } from './s3-answers.ts';

const checksumHeader = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

/** The value of `x-amz-checksum-crc32` for a body. */
export function crc32Base64(body: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

const etags = new WeakMap<Uint8Array, string>();

/** The ETag of a body stored by one unencrypted PUT, quotes included; calculated once per body, as listings ask for it on every page. */
export function etagOf(body: Uint8Array): string {
  const etag = etags.get(body) ?? `"${createHash('md5').update(body).digest('hex')}"`;
  etags.set(body, etag);
  return etag;
}

/**
 * Holds `Content-MD5` and `x-amz-checksum-…` against the body. Throws `S3Failure` BadDigest, InvalidDigest or InvalidRequest, and NotImplemented
 * for the algorithms Node does not have (CRC32C, CRC64NVME).
 */
export function verifyChecksums(headers: IncomingHttpHeaders, body: Uint8Array): void {
  const md5 = headers['content-md5'];
  if (typeof md5 === 'string') {
    if (Buffer.from(md5, 'base64').length !== 16)
      throw new S3Failure('InvalidDigest', `The Content-MD5 you specified is not valid: ${md5}`);
    const actual = createHash('md5').update(body).digest('base64');
    if (md5 !== actual)
      throw new S3Failure('BadDigest', `The Content-MD5 you specified did not match what we received: ${md5}, not ${actual}`);
  }
  const names = Object.keys(headers).filter((name) => checksumHeader.test(name));
  const [name] = names;
  if (names.length > 1) throw new S3Failure('InvalidRequest', `Expecting a single x-amz-checksum- header, got ${names.join(', ')}`);
  if (name === undefined) {
    if (headers['x-amz-sdk-checksum-algorithm'] === undefined) return;
    throw new S3Failure('InvalidRequest', 'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* header was found');
  }
  const algorithm = name.slice('x-amz-checksum-'.length);
  const actual = checksum(algorithm, body);
  if (headers[name] !== actual) {
    throw new S3Failure(
      'BadDigest',
      `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum: ${headers[name]}, not ${actual}`,
    );
  }
}

function checksum(algorithm: string, body: Uint8Array): string {
  switch (algorithm) {
    case 'crc32':
      return crc32Base64(body);
    case 'sha1':
    case 'sha256':
      return createHash(algorithm).update(body).digest('base64');
    default:
      throw new S3Failure('NotImplemented', `This simulated S3 does not calculate ${algorithm}: use CRC32, SHA1 or SHA256.`);
  }
}
