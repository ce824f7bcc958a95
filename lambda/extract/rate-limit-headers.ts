/** The budgets LaunchDarkly names. They are shared by all clients of a route, a token or the account. */
export type BudgetFamily = 'global' | 'route' | 'auth token';

/** What one answer says about rate limits. */
export type RateLimitReading = {
  /** Every family whose remaining requests the answer names; `resetInMs` is undefined where no usable reset came with it. */
  readonly budgets: readonly {
    readonly family: BudgetFamily;
    readonly remaining: number;
    readonly limit: number | undefined;
    readonly resetInMs: number | undefined;
  }[];
  /** The latest usable instant to try again, in milliseconds from now (0 or less: it is past); undefined where there is none. */
  readonly retryInMs: number | undefined;
};

/** Header names in lower case with their values, as `node:http` hands them out. */
export type Headers = Readonly<Record<string, string | undefined>>;

const usablePastMs = 10_000;
const usableAheadMs = 3_600_000;
const families = [
  { family: 'global', name: 'x-ratelimit-global', reset: 'x-ratelimit-reset' },
  { family: 'route', name: 'x-ratelimit-route', reset: 'x-ratelimit-reset' },
  { family: 'auth token', name: 'x-ratelimit-auth-token', reset: 'x-ratelimit-auth-token-reset' },
] as const;

/**
 * Reads the three families and `Retry-After`. Resets are Unix milliseconds; one more than 10 s past or more than an hour away is not usable
 * (read as seconds, a reset is in 1970 or in the year 58000).
 * @param nowMs The server's time in Unix milliseconds.
 */
export function readRateLimit(headers: Headers, nowMs: number): RateLimitReading {
  const resetInMs = (name: string): number | undefined => usable(readCount(headers[name], 15), nowMs);
  const budgets = families.flatMap(({ family, name, reset }) => {
    const remaining = readCount(headers[`${name}-remaining`], 9);
    return remaining === undefined
      ? []
      : [{ family, remaining, limit: readCount(headers[`${name}-limit`], 9), resetInMs: resetInMs(reset) }];
  });
  const waits = [
    resetInMs('x-ratelimit-reset'),
    resetInMs('x-ratelimit-auth-token-reset'),
    readRetryAfterMs(headers['retry-after'], nowMs),
  ];
  const named = waits.filter((wait) => wait !== undefined);
  return { budgets, retryInMs: named.length === 0 ? undefined : Math.max(...named) };
}

function readCount(text: string | undefined, maxDigits: number): number | undefined {
  return text !== undefined && /^\d+$/.test(text) && text.length <= maxDigits ? Number(text) : undefined;
}

/** `Retry-After` is a number of seconds or an HTTP date (RFC 9110, 10.2.3). */
function readRetryAfterMs(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}(\.\d{1,3})?$/.test(text)) return usable(nowMs + Number(text) * 1000, nowMs);
  return /^[A-Z][a-z]{2}, /.test(text) ? usable(Date.parse(text), nowMs) : undefined;
}

function usable(instantMs: number | undefined, nowMs: number): number | undefined {
  const inMs = (instantMs ?? Number.NaN) - nowMs;
  return inMs >= -usablePastMs && inMs <= usableAheadMs ? inMs : undefined;
}
