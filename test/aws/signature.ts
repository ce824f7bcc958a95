import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came over the wire; `target` is the undecoded path with its query. */
export interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** Whose signature is expected, and for which region and service. */
export interface SigningScope {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service: 's3' | 'secretsmanager';
}

/** Why a request was refused, in the error codes of S3. */
export type SignatureFault =
  | 'AccessDenied'
  | 'AuthorizationHeaderMalformed'
  | 'InvalidAccessKeyId'
  | 'InvalidRequest'
  | 'RequestTimeTooSkewed'
  | 'SignatureDoesNotMatch'
  | 'XAmzContentSHA256Mismatch';

/** The answer of {@link verifySignature}. */
export type SignatureVerdict = { readonly ok: true } | { readonly ok: false; readonly code: SignatureFault; readonly message: string };

const maxSkewMs = 15 * 60_000;
const authorizationForm = /^AWS4-HMAC-SHA256 Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

/**
 * Checks a request's SigV4 `Authorization` header and its payload hash at the instant `nowMs` (epoch milliseconds).
 * Rules: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html. Presigned URLs are refused.
 */
export function verifySignature(request: SignedRequest, scope: SigningScope, nowMs: number): SignatureVerdict {
  const { headers, body } = request;
  if (headers.authorization === undefined) return refuse('AccessDenied', 'Access Denied: the request has no Authorization header');
  const parts = authorizationForm.exec(headers.authorization);
  if (parts === null) return refuse('AuthorizationHeaderMalformed', `not a SigV4 Authorization header: ${headers.authorization}`);
  const [, credential = '', signedHeaders = '', signature = ''] = parts;
  const [accessKeyId, date, region, service, end] = credential.split('/');

  if (accessKeyId !== scope.accessKeyId) {
    return refuse('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
  }
  if (region !== scope.region || service !== scope.service || end !== 'aws4_request') {
    return refuse('AuthorizationHeaderMalformed', `the credential ${credential} is not for ${scope.region}/${scope.service}/aws4_request`);
  }
  const signedAt = headerText(headers, 'x-amz-date');
  const signedAtMs = parseAmzDate(signedAt);
  if (Number.isNaN(signedAtMs) || !signedAt.startsWith(`${date}T`)) {
    return refuse('AccessDenied', `x-amz-date is '${signedAt}': want yyyymmddThhmmssZ on the credential's day ${date}`);
  }
  if (Math.abs(nowMs - signedAtMs) > maxSkewMs) {
    return refuse('RequestTimeTooSkewed', `signed at ${signedAt}, which is more than 15 minutes from the server's clock`);
  }
  const unsigned = unsignedHeaders(headers, signedHeaders.split(';'));
  if (unsigned.length > 0) return refuse('AccessDenied', `There were headers present in the request which were not signed: ${unsigned}`);

  const bodyHash = sha256Hex(body);
  const statedHash = headerText(headers, 'x-amz-content-sha256');
  if (scope.service === 's3' && statedHash === '') return refuse('InvalidRequest', 'Missing required header: x-amz-content-sha256');
  const payloadHash = scope.service === 's3' ? statedHash : bodyHash;

  const canonical = canonicalRequest(request, signedHeaders, payloadHash, scope.service);
  const expected = sign(canonical, signedAt, `${date}/${region}/${service}/aws4_request`, scope.secretAccessKey);
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    return refuse(
      'SignatureDoesNotMatch',
      `The request signature we calculated does not match the signature you provided. Canonical request:\n${canonical}`,
    );
  }
  if (statedHash !== '' && statedHash !== 'UNSIGNED-PAYLOAD' && statedHash !== bodyHash) {
    return refuse('XAmzContentSHA256Mismatch', `x-amz-content-sha256 is ${statedHash}, the body's is ${bodyHash}`);
  }
  return { ok: true };
}

function refuse(code: SignatureFault, message: string): SignatureVerdict {
  return { ok: false, code, message };
}

function canonicalRequest(request: SignedRequest, signedHeaders: string, payloadHash: string, service: string): string {
  const [path = '/', query = ''] = splitOnce(request.target, '?');
  const encodedPath = path.split('/').map(reencode).join('/');
  const headerLines = signedHeaders.split(';').map((name) => `${name}:${headerText(request.headers, name).trim().replace(/ +/g, ' ')}\n`);
  return [
    request.method,
    // Every service but S3 encodes the path a second time.
    service === 's3' ? encodedPath : encodedPath.replaceAll('%', '%25'),
    canonicalQuery(query),
    headerLines.join(''),
    signedHeaders,
    payloadHash,
  ].join('\n');
}

function canonicalQuery(query: string): string {
  const pairs = query.split('&').filter((pair) => pair !== '');
  const encoded = pairs.map((pair) => {
    const [name = '', value = ''] = splitOnce(pair, '=');
    return [reencode(name), reencode(value)] as const;
  });
  encoded.sort(([nameA, valueA], [nameB, valueB]) => compareText(nameA, nameB) || compareText(valueA, valueB));
  return encoded.map(([name, value]) => `${name}=${value}`).join('&');
}

function sign(canonical: string, signedAt: string, credentialScope: string, secretAccessKey: string): Buffer {
  // Node hands header bytes over as latin1; hashing them so makes a non-ASCII header fail here as it does at AWS.
  const hash = sha256Hex(Buffer.from(canonical, 'latin1'));
  const stringToSign = `AWS4-HMAC-SHA256\n${signedAt}\n${credentialScope}\n${hash}`;
  const key = credentialScope.split('/').reduce<Uint8Array>((parent, part) => hmac(parent, part), Buffer.from(`AWS4${secretAccessKey}`));
  return hmac(key, stringToSign);
}

function unsignedHeaders(headers: IncomingHttpHeaders, signed: readonly string[]): string[] {
  const mustBeSigned = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  return mustBeSigned.filter((name) => !signed.includes(name));
}

function headerText(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

function parseAmzDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  return parts === null ? Number.NaN : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
}

function reencode(text: string): string {
  return encodeURIComponent(decodeLeniently(text)).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decodeLeniently(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
