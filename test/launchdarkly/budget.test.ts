import { describe, expect, it } from 'vitest';
import { type BudgetOptions, createBudget, drainEachWindow } from './budget.ts';

const start = 1_795_000_003_000;
const take = (options: BudgetOptions, ...atMs: readonly number[]) => {
  const budget = createBudget(options);
  return atMs.map((at) => budget.take(at));
};
const allowedAt = (options: BudgetOptions, ...atMs: readonly number[]) => take(options, ...atMs).map(({ allowed }) => allowed);

describe('budget', () => {
  it('allows the limit in each window, whose bounds are multiples of its length', () => {
    const options = { families: { route: { limit: 2 } } };
    const instants = [start, start + 1, start + 2, start + 6_999, start + 7_000, start + 7_001, start + 7_002];
    expect(allowedAt(options, ...instants)).toEqual([true, true, false, false, true, true, false]);
  });

  it('begins windows with a request where they are anchored to it', () => {
    const options: BudgetOptions = { windowMs: 1000, anchored: 'first-request', families: { global: { limit: 1 } } };
    expect(allowedAt(options, start, start + 999, start + 1000, start + 3500, start + 4499, start + 4500)).toEqual([
      true,
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  it('names limit, remaining and reset of each family in the units of LaunchDarkly', () => {
    const [first] = take({ families: { global: { limit: 50 }, route: { limit: 5 }, authToken: { limit: 1000 }, ip: { limit: 9 } } }, start);
    expect(first).toEqual({
      allowed: true,
      headers: {
        'X-Ratelimit-Global-Limit': '50',
        'X-Ratelimit-Global-Remaining': '49',
        'X-Ratelimit-Route-Limit': '5',
        'X-Ratelimit-Route-Remaining': '4',
        'X-Ratelimit-Reset': String(start + 7_000),
        'X-Ratelimit-Auth-Token-Limit': '1000',
        'X-Ratelimit-Auth-Token-Remaining': '999',
        'X-Ratelimit-Auth-Token-Reset': String(start + 7_000),
      },
    });
  });

  it('counts a refused request in no family', () => {
    const [, refused] = take({ families: { global: { limit: 50 }, authToken: { limit: 1 } } }, start, start);
    expect(refused?.allowed).toBe(false);
    expect(refused?.headers).toMatchObject({ 'X-Ratelimit-Global-Remaining': '49', 'X-Ratelimit-Auth-Token-Remaining': '0' });
  });

  it('tells of the IP limit by Retry-After alone, in seconds or as a date', () => {
    const families = { ip: { limit: 1 } };
    expect(take({ families }, start, start + 1)).toEqual([
      { allowed: true, headers: {} },
      { allowed: false, headers: { 'Retry-After': '7' } },
    ]);
    const [, dated] = take({ families, retryAfter: 'date' }, start, start + 1);
    expect(dated?.headers).toEqual({ 'Retry-After': new Date(start + 7_000).toUTCString() });
  });

  it('sends headers with refusals alone, or never, where told so', () => {
    const families = { route: { limit: 1 } };
    const named = (headersOn: '429' | 'none') =>
      take({ families, headersOn }, start, start).map(({ headers }) => Object.keys(headers).length);
    expect(named('429')).toEqual([0, 3]);
    expect(named('none')).toEqual([0, 0]);
  });

  it('keeps silent about a family that sends no headers', () => {
    const [first] = take({ families: { global: { limit: 9 }, route: { limit: 1, headers: false } } }, start);
    expect(first?.headers).toEqual({
      'X-Ratelimit-Global-Limit': '9',
      'X-Ratelimit-Global-Remaining': '8',
      'X-Ratelimit-Reset': String(start + 7_000),
    });
  });

  it('gives the reset of the tighter of global and route, which share the header', () => {
    const [first] = take({ families: { global: { limit: 9 }, route: { limit: 2, windowMs: 60_000 } } }, start);
    expect(first?.headers['X-Ratelimit-Reset']).toBe(String(Math.ceil(start / 60_000) * 60_000));
  });

  it('lets other clients use the window up', () => {
    const drain = drainEachWindow([
      { afterMs: 1000, requests: 3 },
      { afterMs: 2000, requests: 1, family: 'route' },
    ]);
    const options: BudgetOptions = { anchored: 'first-request', families: { route: { limit: 5 } }, otherClients: drain };
    const remaining = take(options, start, start + 1000, start + 2000, start + 10_000).map(
      ({ headers }) => headers['X-Ratelimit-Route-Remaining'],
    );
    expect(remaining).toEqual(['4', '0', '0', '4']);
    expect(allowedAt(options, start, start + 1000, start + 2000, start + 10_000)).toEqual([true, true, false, true]);
  });

  it('counts each route by itself, the other families together', () => {
    const budget = createBudget({ families: { route: { limit: 1 }, global: { limit: 2 } } });
    expect([budget.take(start, 'single'), budget.take(start, 'list'), budget.take(start, 'caller')].map(({ allowed }) => allowed)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
