import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type SignedRequest, type SigningScope, verifySignature } from './signature.ts';

// The worked examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const scope: SigningScope = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 's3',
};
const nowMs = Date.parse('2013-05-24T00:00:00Z');
const minuteMs = 60_000;

function example(method: string, target: string, signature: string, headers: Record<string, string> = {}, body = ''): SignedRequest {
  const all: Record<string, string> = {
    ...headers,
    host: 'examplebucket.s3.amazonaws.com',
    'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
    'x-amz-date': '20130524T000000Z',
  };
  const credential = `${scope.accessKeyId}/20130524/us-east-1/s3/aws4_request`;
  const signedHeaders = Object.keys(all).sort().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${signedHeaders},Signature=${signature}`;
  return { method, target, headers: { ...all, authorization }, body: Buffer.from(body) };
}

const get = example('GET', '/test.txt', 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41', { range: 'bytes=0-9' });
const put = example(
  'PUT',
  '/test$file.text',
  '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
  'Welcome to Amazon S3.',
);
const list = example('GET', '/?prefix=J&max-keys=2', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7');
const lifecycle = example('GET', '/?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543');

describe('verifySignature', () => {
  test.each([
    ['GET with a range', get],
    ['PUT with a body and an escaped key', put],
    ['GET with a query out of order', list],
    ['GET with a query without a value', lifecycle],
  ])("accepts AWS's own example of a %s", (_, request) => {
    expect(verifySignature(request, scope, nowMs)).toEqual({ ok: true });
  });

  test.each<[string, string, SignedRequest, Partial<SigningScope>, number]>([
    ['another secret key', 'SignatureDoesNotMatch', put, { secretAccessKey: 'other' }, 0],
    ['another access key', 'InvalidAccessKeyId', put, { accessKeyId: 'AKIAOTHER' }, 0],
    ['another region', 'AuthorizationHeaderMalformed', put, { region: 'eu-west-1' }, 0],
    ['another service', 'AuthorizationHeaderMalformed', put, { service: 'secretsmanager' }, 0],
    ['another method', 'SignatureDoesNotMatch', { ...put, method: 'GET' }, {}, 0],
    ['another key', 'SignatureDoesNotMatch', { ...put, target: '/test' }, {}, 0],
    ['another query', 'SignatureDoesNotMatch', { ...list, target: '/?prefix=J&max-keys=3' }, {}, 0],
    ['another body', 'XAmzContentSHA256Mismatch', { ...put, body: Buffer.from('Welcome to Amazon S4.') }, {}, 0],
    ['a changed signed header', 'SignatureDoesNotMatch', withHeader(put, 'x-amz-storage-class', 'STANDARD'), {}, 0],
    ['an unsigned x-amz- header', 'AccessDenied', withHeader(put, 'x-amz-meta-added', 'later'), {}, 0],
    ['a clock 16 minutes ahead', 'RequestTimeTooSkewed', put, {}, -16 * minuteMs],
    ['a signature 16 minutes old', 'RequestTimeTooSkewed', put, {}, 16 * minuteMs],
    ['no Authorization header', 'AccessDenied', { ...put, headers: { host: 'examplebucket.s3.amazonaws.com' } }, {}, 0],
    ['some other Authorization', 'AuthorizationHeaderMalformed', withHeader(put, 'authorization', 'Bearer x'), {}, 0],
  ])('refuses %s as %s', (_, code, request, changes, elapsedMs) => {
    expect(verifySignature(request, { ...scope, ...changes }, nowMs + elapsedMs)).toMatchObject({ ok: false, code });
  });

  test('takes UNSIGNED-PAYLOAD only where it was signed so', () => {
    expect(verifySignature(withHeader(put, 'x-amz-content-sha256', 'UNSIGNED-PAYLOAD'), scope, nowMs)).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});

function withHeader(request: SignedRequest, name: string, value: string): SignedRequest {
  return { ...request, headers: { ...request.headers, [name]: value } };
}
