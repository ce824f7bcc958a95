import { budgetHeaders } from './budget-headers.ts';

/** The four kinds of limit that LaunchDarkly counts by. */
export type RateLimitFamily = 'global' | 'route' | 'authToken' | 'ip';

/** One limit: how many requests a window allows, and whether answers tell of it. */
export interface FamilyOptions {
  readonly limit: number;
  /** Whether this family's headers are sent. @default true */
  readonly headers?: boolean;
  /** @default the budget's `windowMs` */
  readonly windowMs?: number;
}

/** How many requests other programs have made so far in the window that began at `windowStartMs`. */
export type OtherClients = (nowMs: number, family: RateLimitFamily, windowStartMs: number) => number;

/** The limits to keep and how the answers speak of them. */
export interface BudgetOptions {
  /** @default 10000 */
  readonly windowMs?: number;
  readonly families: Partial<Readonly<Record<RateLimitFamily, FamilyOptions>>>;
  /** Windows begin at multiples of `windowMs`, or with the first request after the one before has ended. @default 'epoch' */
  readonly anchored?: 'epoch' | 'first-request';
  /** @default nobody else */
  readonly otherClients?: OtherClients;
  /** @default 'all' */
  readonly headersOn?: 'all' | '429' | 'none';
  /** How Retry-After, which the family `ip` sends with a 429, is written. @default 'seconds' */
  readonly retryAfter?: 'seconds' | 'date';
}

/** What the budget says to one request. */
export interface Taken {
  readonly allowed: boolean;
  readonly headers: Record<string, string>;
}

/** Counts requests in fixed windows; keeps no clock of its own. */
export interface Budget {
  /** Asks for one request at an instant (unix ms, never going back); `route` tells apart what the family `route` counts one by one. */
  take(nowMs: number, route?: string): Taken;
}

/** How one family stands after a request, for the headers. */
export interface FamilyState {
  readonly family: RateLimitFamily;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: number;
  readonly exhausted: boolean;
  readonly told: boolean;
}

interface Window {
  startMs: number;
  used: number;
}

const families: readonly RateLimitFamily[] = ['global', 'route', 'authToken', 'ip'];

/** Creates a budget; a request that one family refuses is counted by none. */
export function createBudget(options: BudgetOptions): Budget {
  const { windowMs: sharedWindowMs = 10_000, anchored = 'epoch', otherClients = () => 0 } = options;
  const { headersOn = 'all', retryAfter = 'seconds' } = options;
  const windows = new Map<string, Window>();

  const windowAt = (nowMs: number, name: string, windowMs: number): Window => {
    const known = windows.get(name);
    const goesOn = known !== undefined && nowMs < known.startMs + windowMs;
    if (goesOn) return known;
    const startMs = anchored === 'epoch' ? Math.floor(nowMs / windowMs) * windowMs : nowMs;
    const opened = { startMs, used: 0 };
    windows.set(name, opened);
    return opened;
  };

  return {
    take(nowMs, route = '') {
      const standing = families.flatMap((family) => {
        const limits = options.families[family];
        if (limits === undefined) return [];
        const { limit, windowMs = sharedWindowMs, headers: told = true } = limits;
        const window = windowAt(nowMs, family === 'route' ? `route ${route}` : family, windowMs);
        const left = limit - window.used - otherClients(nowMs, family, window.startMs);
        return [{ family, limit, told, window, left, exhausted: left < 1, resetAt: window.startMs + windowMs }];
      });
      const allowed = !standing.some(({ exhausted }) => exhausted);
      if (allowed) for (const { window } of standing) window.used++;
      const states = standing.map(({ window: _, left, ...rest }): FamilyState => {
        return { ...rest, remaining: Math.max(0, allowed ? left - 1 : left) };
      });
      const silent = headersOn === 'none' || (headersOn === '429' && allowed);
      return { allowed, headers: silent ? {} : budgetHeaders(states, nowMs, retryAfter) };
    },
  };
}

/** Other clients that use up so many requests so many milliseconds into every window, of one family or of all. */
export function drainEachWindow(
  drains: readonly { readonly afterMs: number; readonly requests: number; readonly family?: RateLimitFamily }[],
): OtherClients {
  return (nowMs, family, windowStartMs) => {
    const due = drains.filter((drain) => (drain.family ?? family) === family && nowMs >= windowStartMs + drain.afterMs);
    return due.reduce((sum, { requests }) => sum + requests, 0);
  };
}
