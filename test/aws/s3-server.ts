import { setTimeout as sleep } from 'node:timers/promises';
import { createFaultPicker, type Fault } from './faults.ts';
import { type Answer, listenLocally, type ReceivedRequest } from './http-listener.ts';
import { answerFailure, S3Failure } from './s3-answers.ts';
import { listObjects } from './s3-listing.ts';
import { deleteObject, getObject, type ObjectMap, putObject } from './s3-objects.ts';
import { parseS3Request, refuseUnsupported, type S3Request } from './s3-request.ts';
import { verifySignature } from './signature.ts';
import { type AccountOptions, accountEnvironment, resolveAccount, type SimulatedAccount } from './simulated-account.ts';

/**
 * What a fault does: an error answer by its S3 code (500 InternalError, 503 SlowDown, 403 AccessDenied, 409 ConditionalRequestConflict,
 * 404 NoSuchBucket, 412 PreconditionFailed), a connection reset before the request takes effect or after it (the answer is lost), an answer whose
 * `x-amz-checksum-crc32` is wrong, or one that ends in the middle of its body.
 */
export type S3Effect =
  | 'InternalError'
  | 'SlowDown'
  | 'AccessDenied'
  | 'ConditionalRequestConflict'
  | 'NoSuchBucket'
  | 'PreconditionFailed'
  | 'reset-before'
  | 'reset-after'
  | 'wrong-checksum'
  | 'cut-short';

/** A fault of the simulated S3; a delayed write still takes effect when the client has given up waiting. */
export type S3Fault = Fault<S3Request, S3Effect>;

/** One line of the request log, in the order of arrival. */
export interface S3RequestRecord {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  /** 0 while there is no answer, and for ever after a reset. */
  status: number;
  /** Length of the request's body for PUT, else of the answer's. */
  bytes: number;
}

/** How to start the simulated S3. */
export interface S3Options extends AccountOptions {
  readonly buckets: readonly string[];
  /** Where objects are kept. @default a new Map */
  readonly objects?: ObjectMap;
}

/** A running simulated S3. */
export interface SimulatedS3 {
  readonly url: string;
  /** Variables that lead the SDK here: `AWS_ENDPOINT_URL_S3`, region and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  readonly buckets: Set<string>;
  readonly objects: ObjectMap;
  readonly requests: S3RequestRecord[];
  faults: S3Fault[];
  /** Cuts all connections and waits, and ends at once. */
  close(): Promise<void>;
}

/** Starts an S3 on a free port of 127.0.0.1 that verifies signatures, checksums and conditions, and has faults and a request log. */
export async function startS3(options: S3Options): Promise<SimulatedS3> {
  const account = resolveAccount(options);
  const pickFaults = createFaultPicker<S3Request, S3Effect>();
  const state = {
    buckets: new Set(options.buckets),
    objects: options.objects ?? new Map(),
    requests: [] as S3RequestRecord[],
    faults: [] as S3Fault[],
  };

  const { url, close } = await listenLocally(async (received, closing) => {
    if (received.method === 'GET' && received.target === '/__requests') return answerCounts(state.requests);
    const record: S3RequestRecord = { method: received.method, bucket: '', key: '', query: {}, status: 0, bytes: received.body.length };
    state.requests.push(record);
    const answer = await respond(received, record, closing).catch(failureToAnswer);
    if (answer === 'reset') return answer;
    record.status = answer.status;
    if (received.method !== 'PUT') record.bytes = received.method === 'HEAD' ? 0 : answer.body.length;
    return answer;
  });

  async function respond(received: ReceivedRequest, record: S3RequestRecord, closing: AbortSignal): Promise<Answer | 'reset'> {
    const request = parseS3Request(received);
    Object.assign(record, { bucket: request.bucket, key: request.key, query: request.query });
    refuseUnsupported(request);
    requireSignature(received, account);
    const { delayMs, effect } = pickFaults(state.faults, request);
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: closing });
    switch (effect) {
      case undefined:
        return perform(request);
      case 'reset-before':
        return 'reset';
      case 'reset-after':
        perform(request);
        return 'reset';
      case 'wrong-checksum':
        return withWrongChecksum(perform(request));
      case 'cut-short':
        return { ...perform(request), isCutShort: true };
      default:
        throw new S3Failure(effect, `a fault of the simulated S3: ${effect}`);
    }
  }

  function perform(request: S3Request): Answer {
    if (!state.buckets.has(request.bucket)) throw new S3Failure('NoSuchBucket', `The specified bucket does not exist: ${request.bucket}`);
    if (request.method === 'PUT') return putObject(state.objects, request, Date.now());
    if (request.method === 'DELETE') return deleteObject(state.objects, request);
    if (request.key !== '') return getObject(state.objects, request);
    if (request.method === 'GET') return listObjects(state.objects, request);
    return { status: 200, headers: { 'x-amz-bucket-region': account.region }, body: Buffer.alloc(0) };
  }

  return Object.assign(state, { url, close, environment: accountEnvironment(account, 'AWS_ENDPOINT_URL_S3', url) });
}

function requireSignature(received: ReceivedRequest, account: SimulatedAccount): void {
  const verdict = verifySignature(received, { ...account, service: 's3' }, Date.now());
  if (!verdict.ok) throw new S3Failure(verdict.code, verdict.message);
}

function withWrongChecksum(answer: Answer): Answer {
  const wrong = answer.headers['x-amz-checksum-crc32'] === 'AAAAAA==' ? 'AAAAAQ==' : 'AAAAAA==';
  return { ...answer, headers: { ...answer.headers, 'x-amz-checksum-crc32': wrong } };
}

function failureToAnswer(error: unknown): Answer {
  if (error instanceof S3Failure) return answerFailure(error);
  throw error;
}

function answerCounts(requests: readonly S3RequestRecord[]): Answer {
  const counts: Record<string, number> = {};
  for (const { method } of requests) counts[method] = (counts[method] ?? 0) + 1;
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(counts)) };
}
