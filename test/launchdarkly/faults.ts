import type { RouteName } from './request.ts';

/** What a fault is chosen by; requests that a budget refused are not counted in `nth` and `total`. */
export interface FaultRequest {
  readonly route: RouteName;
  readonly path: string;
  readonly query: string;
  readonly projectKey?: string;
  readonly metricGroupKey?: string;
  /** How often this path was asked before. */
  readonly nth: number;
  /** How many requests came before, over all paths. */
  readonly total: number;
}

/** Whether a fault strikes a request. */
export type Match = (request: FaultRequest) => boolean;

/** Header values to set by name, null to drop a header. */
export type HeaderChanges = Readonly<Record<string, string | readonly string[] | null>>;

/** What happens instead of the answer. */
export type Effect =
  | { readonly effect: 'fail'; readonly status: number; readonly body: string; readonly headers: HeaderChanges }
  | { readonly effect: 'reset'; readonly when: 'before-answer' | 'mid-body' }
  | { readonly effect: 'hang'; readonly after: 'request' | 'headers' | 'half-body' }
  | { readonly effect: 'trickle'; readonly everyMs: number; readonly endless: boolean }
  | { readonly effect: 'truncate' }
  | { readonly effect: 'gzip-bomb'; readonly megabytes: number }
  | { readonly effect: 'endless-body' }
  | { readonly effect: 'echo-token'; readonly status: number };

/** What happens to the answer on its way; any number of these apply to one request. */
export type Change =
  | { readonly change: 'delay'; readonly ms: number }
  | { readonly change: 'headers'; readonly headers: HeaderChanges }
  | { readonly change: 'body'; readonly rewrite: (body: string) => string };

/** Something that goes wrong; of the effects that match a request the first one strikes, of the changes all do. */
export type Fault = { readonly match: Match } & (Effect | Change);

/** Matches every request. */
export const always: Match = () => true;

/** Matches the single GET of the groups named. */
export function onGroups(...keys: readonly string[]): Match {
  return ({ route, metricGroupKey }) => route === 'single' && keys.includes(metricGroupKey ?? '');
}

/** Matches one route. */
export function onRoute(name: RouteName): Match {
  return ({ route }) => route === name;
}

/** Matches the first requests of each path, and after them no more. */
export function firstTimes(count: number, match: Match = always): Match {
  return (request) => request.nth < count && match(request);
}

const codes: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  429: 'rate_limited',
};

/** Answers with a status; a body that is no text is sent as JSON, without one LaunchDarkly's own error is sent. */
export function failWith(match: Match, status: number, body?: unknown, headers: HeaderChanges = {}): Fault {
  const given = body ?? { code: codes[status] ?? 'internal_error', message: `Simulated failure ${status}` };
  return { match, effect: 'fail', status, body: typeof given === 'string' ? given : JSON.stringify(given), headers };
}

/** Answers with an HTML page, as a proxy in between does. */
export function answerHtml(match: Match, status = 200): Fault {
  const page = '<!doctype html><html><head><title>Gateway</title></head><body><h1>Please sign in</h1></body></html>';
  return failWith(match, status, page, { 'Content-Type': 'text/html; charset=utf-8' });
}

/** Answers with a redirect. */
export function redirectTo(match: Match, url: string, status = 302): Fault {
  return failWith(match, status, '', { Location: url });
}

/** Resets the connection before any byte of the answer. */
export function resetBeforeAnswer(match: Match): Fault {
  return { match, effect: 'reset', when: 'before-answer' };
}

/** Resets the connection after the headers and half of the body. */
export function resetMidBody(match: Match): Fault {
  return { match, effect: 'reset', when: 'mid-body' };
}

/** Never ends the answer, silent from the given point on. */
export function hang(match: Match, after: 'request' | 'headers' | 'half-body' = 'request'): Fault {
  return { match, effect: 'hang', after };
}

/** Sends a byte every so many milliseconds; endless = white space without end instead of the body. */
export function trickle(match: Match, everyMs: number, endless = false): Fault {
  return { match, effect: 'trickle', everyMs, endless };
}

/** Sends the first half of the JSON as if it were whole. */
export function truncateJson(match: Match): Fault {
  return { match, effect: 'truncate' };
}

/** Sends a small gzip that unpacks to so many megabytes of zeros. */
export function gzipBomb(match: Match, megabytes = 300): Fault {
  return { match, effect: 'gzip-bomb', megabytes };
}

/** Sends a body that never ends, as fast as it is read. */
export function endlessBody(match: Match): Fault {
  return { match, effect: 'endless-body' };
}

/** Sends the Authorization value back: in an error's message, or with status 200 in fields and a header of the normal answer. */
export function echoToken(match: Match, status = 500): Fault {
  return { match, effect: 'echo-token', status };
}

/** Waits before answering as usual. */
export function delay(match: Match, ms: number): Fault {
  return { match, change: 'delay', ms };
}

/** Sets or drops headers of the answer. */
export function changeHeaders(match: Match, headers: HeaderChanges): Fault {
  return { match, change: 'headers', headers };
}

/** Answers with another body under the usual status and headers. */
export function rewriteBody(match: Match, rewrite: (body: string) => string): Fault {
  return { match, change: 'body', rewrite };
}
