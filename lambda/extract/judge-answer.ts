import { hash } from 'node:crypto';
import type { MaintainerDetails, Outcome, Status } from '../contract/raw.ts';
import { findProblem } from '../find-metric-group-problem.ts';
import { isJsonObject, isNestedTooDeep, type JsonObject, maxNesting } from '../json/json-text.ts';
import { type HttpAnswer, type HttpResult, maxBodyBytes, type ReadBody } from './http-client.ts';
import { applyMaintainerDetails } from './maintainer-details.ts';

/** The part of an outcome that the last answer alone decides. */
export type Judgement = Pick<Outcome, 'status' | 'http_status' | 'error_code' | 'error_message' | 'body'>;

type Verdict = { readonly status: Status; readonly code: string; readonly message: string };

/** Whether another attempt may end otherwise: connections, time-outs, 408, 5xx, and a 200 that is not JSON. A 429 is waited for before. */
export function isPassing(result: HttpResult): boolean {
  if (result.kind !== 'answer') return true;
  if (result.status === 200) return readBody(result) === 'not JSON';
  return statusOf(result.status) === 'failed';
}

/**
 * Judges the last answer for one metric group by the contract's table of outcomes.
 * @param details With `hash` and `omit`, only the body of a success is kept, and messages quote nothing of a body.
 */
export function judgeAnswer(result: HttpResult, metricGroupKey: string, details: MaintainerDetails): Judgement {
  if (result.kind !== 'answer') {
    const message = result.kind === 'timeout' ? 'no whole answer within the time limit of a request' : result.message;
    return { status: 'failed', http_status: null, error_code: result.kind, error_message: message, body: null };
  }
  const { status: httpStatus } = result;
  const body = result.body === 'too large' ? null : result.body;
  const read = readBody(result);
  if (httpStatus === 200) {
    const problem = describeProblem(read, metricGroupKey, details === 'keep');
    if (problem === undefined && body !== null && typeof read === 'object') {
      const kept = details === 'keep' ? body : applyMaintainerDetails(body, read.json as JsonObject, details);
      return { status: 'succeeded', http_status: 200, error_code: null, error_message: null, body: kept };
    }
    return refuse({ status: 'invalid', code: 'invalid_body', message: problem ?? '$: the answer cannot be used' });
  }
  const sent = typeof read === 'object' && isJsonObject(read.json) ? read.json : {};
  const code = typeof sent['code'] === 'string' && sent['code'] !== '' && mayQuote(sent['code']) ? sent['code'] : `http_${httpStatus}`;
  const quoted = details === 'keep' && typeof sent['message'] === 'string' && sent['message'] !== '' ? sent['message'] : undefined;
  return refuse({ status: statusOf(httpStatus), code, message: quoted ?? describeStatus(httpStatus, details === 'keep') });

  function mayQuote(text: string): boolean {
    return details === 'keep' || /^[a-z_]{1,64}$/.test(text);
  }

  function refuse({ status, code, message }: Verdict): Judgement {
    const outcome = { status, http_status: httpStatus, error_code: code };
    if (details === 'keep' || body === null) return { ...outcome, error_message: message, body };
    const digest = `body of ${Buffer.byteLength(body)} bytes not kept, SHA-256 ${hash('sha256', body, 'hex')}`;
    return { ...outcome, error_message: `${message} (${digest})`, body: null };
  }
}

function statusOf(httpStatus: number): Status {
  if (httpStatus === 404) return 'not_found';
  if (httpStatus === 403) return 'forbidden';
  return httpStatus === 408 || (httpStatus >= 500 && httpStatus <= 599) ? 'failed' : 'invalid';
}

function describeStatus(httpStatus: number, mayQuote: boolean): string {
  if (![301, 302, 303, 307, 308].includes(httpStatus)) return `LaunchDarkly answered ${httpStatus}${mayQuote ? ' without a message' : ''}`;
  // Without where it leads: that is somebody else's text, and might hold the token.
  return `LaunchDarkly answered ${httpStatus}, a redirect, which is not followed; check LAUNCHDARKLY_BASE_URL`;
}

function describeProblem(read: ReadBody, metricGroupKey: string, mayQuote: boolean): string | undefined {
  if (read === 'too large') return `$: the answer is larger than ${maxBodyBytes / 1024 / 1024} MiB`;
  if (read === 'nested too deep') return `$: the answer is nested deeper than ${maxNesting} levels`;
  if (read === 'not JSON') return '$: the answer is not JSON';
  const problem = findProblem(read.json);
  if (problem !== undefined) {
    const { path, needed, got } = problem;
    return got === undefined ? `${path} is missing` : `${path} is ${describeValue(got, mayQuote)}, not ${needed}`;
  }
  const { key } = read.json as { key: string };
  if (key === metricGroupKey) return undefined;
  return mayQuote ? `$.key is ${JSON.stringify(key.slice(0, 100))}, another than asked for` : '$.key is another than asked for';
}

function describeValue(value: unknown, mayQuote: boolean): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return mayQuote
    ? `${(typeof value === 'string' ? JSON.stringify(value) : String(value)).slice(0, 100)} (a ${typeof value})`
    : `a ${typeof value}`;
}

/** Reads what a body holds, once: an answer is looked at to decide on another attempt, and then to judge it. */
export function readBody(answer: HttpAnswer): ReadBody {
  answer.read ??= answer.body === 'too large' ? 'too large' : isNestedTooDeep(answer.body) ? 'nested too deep' : parse(answer.body);
  return answer.read;
}

function parse(text: string): ReadBody {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return 'not JSON';
  }
}
