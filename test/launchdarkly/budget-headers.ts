import type { FamilyState, RateLimitFamily } from './budget.ts';

const names: Readonly<Record<Exclude<RateLimitFamily, 'ip'>, string>> = {
  global: 'X-Ratelimit-Global',
  route: 'X-Ratelimit-Route',
  authToken: 'X-Ratelimit-Auth-Token',
};

/** Writes the state of the families the way LaunchDarkly does: resets in unix milliseconds, Retry-After for the IP limit alone. */
export function budgetHeaders(states: readonly FamilyState[], nowMs: number, retryAfter: 'seconds' | 'date'): Record<string, string> {
  const headers: Record<string, string> = {};
  let tightest: FamilyState | undefined;
  for (const state of states) {
    if (!state.told) continue;
    if (state.family === 'ip') {
      if (state.exhausted) headers['Retry-After'] = retryAfterText(state.resetAt, nowMs, retryAfter);
      continue;
    }
    headers[`${names[state.family]}-Limit`] = String(state.limit);
    headers[`${names[state.family]}-Remaining`] = String(state.remaining);
    if (state.family === 'authToken') headers['X-Ratelimit-Auth-Token-Reset'] = String(state.resetAt);
    else if (tightest === undefined || state.remaining < tightest.remaining) tightest = state;
  }
  // Global and route share one reset header: with windows of different length it speaks of the one that ends the requests first.
  if (tightest !== undefined) headers['X-Ratelimit-Reset'] = String(tightest.resetAt);
  return headers;
}

function retryAfterText(resetAt: number, nowMs: number, retryAfter: 'seconds' | 'date'): string {
  if (retryAfter === 'seconds') return String(Math.max(1, Math.ceil((resetAt - nowMs) / 1000)));
  return new Date(Math.ceil(resetAt / 1000) * 1000).toUTCString();
}
