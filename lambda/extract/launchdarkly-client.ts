import pRetry from 'p-retry';
import type { Clock } from '../clock.ts';
import { SyncError } from '../errors.ts';
import { createGate, type Permit, type Turn, type Wait } from './gate.ts';
import { createHttpClient, type HttpResult } from './http-client.ts';
import { isPassing } from './judge-answer.ts';
import { readRateLimit } from './rate-limit-headers.ts';
import { createTokenRedaction } from './redact-token.ts';
import { createRequestQueue } from './request-queue.ts';
import { correctionMs, observeDate, unknownServerClock } from './server-clock.ts';

/** The routes asked, each with a budget of its own. */
export type Route = 'metric group' | 'metric groups' | 'caller identity';

/** What asking came to, over all attempts. */
export type Asked = {
  /** The last result that was not a 429; the access token is taken out of it. */
  readonly result: HttpResult;
  /** Requests sent, 429s among them. */
  readonly attempts: number;
  readonly rateLimitedCount: number;
  /** From the first request to the last result. */
  readonly durationMs: number;
};

/** Asks LaunchDarkly: paced, retried, and never past the end of the run. */
export type LaunchDarklyClient = {
  /**
   * Sends a GET until its result is not passing, or attempts are used up.
   * @param onBackOff Called before each wait between two attempts.
   * @throws SyncError of kind `token_refused` on a 401; the reason of the run's signal once that is aborted
   */
  ask(route: Route, path: string, onBackOff?: () => void): Promise<Asked>;
  /** What was sent so far. */
  readonly counts: { readonly requests: number; readonly rateLimited: number; readonly waitedMs: number };
  /** Ends all waits, timers and connections. */
  close(): Promise<void>;
};

/** How LaunchDarkly is asked. */
export type LaunchDarklyOptions = {
  readonly baseUrl: string;
  readonly accessToken: string;
  readonly maxRequestsPerSecond: number;
  readonly maxConcurrentRequests: number;
  readonly maxAttempts: number;
  readonly requestTimeoutMs: number;
};

/** What the client needs of the run around it. */
export type RunContext = {
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted when the run must end, with the reason. */
  readonly signal: AbortSignal;
  /** Name and version, for the `User-Agent` header. */
  readonly userAgent: string;
  readonly onWait: (wait: Wait) => void;
  /** Given where several runs share one pace. */
  readonly turn?: Turn | undefined;
  /** Called for every answer other than a 429. */
  readonly onAnswer: () => void;
};

const backOff = { minTimeout: 500, factor: 2, maxTimeout: 10_000, randomize: true };

class PassingResult extends Error {
  readonly result: HttpResult;
  constructor(result: HttpResult) {
    super('passing');
    this.result = result;
  }
}

/** Makes the client of one run. */
export function createLaunchDarklyClient(options: LaunchDarklyOptions, context: RunContext): LaunchDarklyClient {
  const { accessToken, maxAttempts, requestTimeoutMs } = options;
  const { clock } = context;
  // Also aborted by a refused token and by closing: no back-off goes on after that, and no request.
  const ended = new AbortController();
  const { signal } = ended;
  const http = createHttpClient(options.baseUrl, options.maxConcurrentRequests, signal);
  const gate = createGate({ ...options, ...context });
  const queue = createRequestQueue({ ...options, gate });
  const redact = createTokenRedaction(accessToken);
  const headers = [
    ...['Authorization', accessToken],
    ...['LD-API-Version', 'beta'],
    ...['User-Agent', context.userAgent],
    ...['Accept', 'application/json'],
  ];
  const counts = {
    requests: 0,
    rateLimited: 0,
    get waitedMs() {
      return gate.waitedMs();
    },
  };
  const onAbort = (): void => {
    // The end of the last request is awaited in `close`.
    void queue.stop(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  // By hand and not `AbortSignal.any`, whose signals cost several times as much to look at.
  const onRunEnd = (): void => ended.abort(context.signal.reason);
  if (context.signal.aborted) onRunEnd();
  else context.signal.addEventListener('abort', onRunEnd, { once: true });
  let serverClock = unknownServerClock;
  let currentRoute: Route | undefined;

  const send = async (path: string, permit: Permit): Promise<HttpResult> => {
    const sentAtMs = clock.now();
    counts.requests++;
    const result = await http.get(path, { headers, timeoutMs: requestTimeoutMs });
    if (result.kind !== 'answer') {
      permit.settle(undefined, { budgets: [], retryInMs: undefined });
      return result.kind === 'network' ? { ...result, message: redact.text(result.message) } : result;
    }
    const receivedAtMs = clock.now();
    serverClock = observeDate(serverClock, result.headers['date'], sentAtMs, receivedAtMs);
    permit.settle(result.status, readRateLimit(result.headers, receivedAtMs + correctionMs(serverClock)));
    if (result.status === 429) counts.rateLimited++;
    else context.onAnswer();
    return result.body === 'too large' ? result : { ...result, body: redact.body(result.body) };
  };

  return {
    counts,
    ask: async (route, path, onBackOff) => {
      if (route !== currentRoute && currentRoute !== undefined) gate.changeRoute();
      currentRoute = route;
      let attempts = 0;
      let rateLimitedCount = 0;
      let firstSentAtMs = 0;
      /** One attempt: a 429 is waited for at the gate and asked again, ahead of first attempts, without using the attempt up. */
      const attempt = async (): Promise<HttpResult> => {
        for (;;) {
          const result = await queue.submit(attempts > 0, (permit) => {
            if (attempts === 0) firstSentAtMs = clock.elapsed();
            attempts++;
            return send(path, permit);
          });
          if (result.kind === 'answer' && result.status === 401) {
            const refused = tokenRefused(options.baseUrl);
            ended.abort(refused);
            throw refused;
          }
          if (result.kind !== 'answer' || result.status !== 429) return result;
          rateLimitedCount++;
        }
      };
      const shouldRetry = ({ error }: { readonly error: Error }): boolean => {
        const isPassing = error instanceof PassingResult;
        if (isPassing) onBackOff?.();
        return isPassing;
      };
      const result = await pRetry(
        async () => {
          const result = await attempt();
          if (isPassing(result)) throw new PassingResult(result);
          return result;
        },
        { ...backOff, retries: maxAttempts - 1, signal, shouldRetry },
      ).catch((error) => {
        if (error instanceof PassingResult) return error.result;
        throw error;
      });
      return { result, attempts, rateLimitedCount, durationMs: Math.round(clock.elapsed() - firstSentAtMs) };
    },
    close: async () => {
      context.signal.removeEventListener('abort', onRunEnd);
      ended.abort(new SyncError('interrupted', 'the run has ended'));
      await queue.stop(signal.reason);
      http.close();
    },
  };
}

function tokenRefused(baseUrl: string): SyncError {
  return new SyncError(
    'token_refused',
    `LaunchDarkly at ${baseUrl} refused the access token (401): store a valid reader token of that instance in LAUNCHDARKLY_ACCESS_TOKEN or the secret ` +
      '(as it is, without "Bearer"; tokens of app.launchdarkly.com, .us and .eu are unknown to each other), then run again',
  );
}
