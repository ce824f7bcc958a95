import type { BudgetOptions } from '../launchdarkly/budget.ts';
import { always, type Fault as Disturbance, failWith, type HeaderChanges } from '../launchdarkly/faults.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { type Fault, promise } from './fault.ts';
import { createStage, smallWorld } from './stage.ts';

const second = { windowMs: 1000, anchored: 'first-request' } as const;
const groups = 12;

type Limit = {
  readonly budget?: BudgetOptions;
  readonly faults?: readonly Disturbance[];
  /** The most requests that may be refused: more would be a hot loop, or pressing on against a limit that is known. */
  readonly mostRefused: number;
  /** How long nothing is asked after the first refusal, as far as the contract tells. */
  readonly waitMs?: number;
};

const refusedOnceWith = (waitMs: number, headers: HeaderChanges): Limit => ({
  // Late: a limit that no header tells is taken to be what was answered before, and is kept to for a minute.
  faults: [failWith((request) => request.total === 9, 429, undefined, headers)],
  mostRefused: 1,
  waitMs,
});
/** Without a usable value. */
const unusableMs = 10_000;
const leastMs = 1_000;
const atMs = (ms: number): string => String(Date.now() + ms);

/** 429s with every family of headers, with none, and with resets that cannot be meant. */
const limits: Readonly<Record<string, () => Limit>> = {
  'global limit': () => ({ budget: { ...second, families: { global: { limit: 6 } } }, mostRefused: 6 }),
  'route limit': () => ({ budget: { ...second, families: { route: { limit: 6 } } }, mostRefused: 6 }),
  'token limit': () => ({ budget: { ...second, families: { authToken: { limit: 6 } } }, mostRefused: 6 }),
  'IP limit in seconds': () => ({ budget: { ...second, families: { ip: { limit: 6 } }, retryAfter: 'seconds' }, mostRefused: 8 }),
  'IP limit as a date': () => ({ budget: { ...second, families: { ip: { limit: 6 } }, retryAfter: 'date' }, mostRefused: 8 }),
  'all limits at once': () => ({
    budget: { ...second, families: { global: { limit: 9 }, route: { limit: 7 }, authToken: { limit: 8 }, ip: { limit: 10 } } },
    mostRefused: 8,
  }),
  'headers with the 429 alone': () => ({ budget: { ...second, families: { route: { limit: 6 } }, headersOn: '429' }, mostRefused: 8 }),
  'no headers at all': () => ({ budget: { ...second, families: { route: { limit: 8 } }, headersOn: 'none' }, mostRefused: 10 }),
  'a reset an hour and more away': () => refusedOnceWith(unusableMs, { 'X-Ratelimit-Reset': atMs(7_200_000) }),
  'a reset in seconds': () => refusedOnceWith(unusableMs, { 'X-Ratelimit-Reset': String(Math.round(Date.now() / 1000) + 2) }),
  'a reset long past': () => refusedOnceWith(unusableMs, { 'X-Ratelimit-Reset': atMs(-60_000), 'X-Ratelimit-Route-Remaining': '0' }),
  'a reset just past': () => refusedOnceWith(leastMs, { 'X-Ratelimit-Auth-Token-Reset': atMs(-2_000) }),
  'garbage for a reset': () =>
    refusedOnceWith(unusableMs, {
      'X-Ratelimit-Reset': 'soon',
      'Retry-After': '-1',
      'X-Ratelimit-Route-Remaining': 'NaN',
      'X-Ratelimit-Global-Remaining': '1e9',
    }),
  'Retry-After 0': () => refusedOnceWith(leastMs, { 'Retry-After': '0' }),
  'Retry-After in a century': () => refusedOnceWith(unusableMs, { 'Retry-After': 'Fri, 01 Jan 2126 00:00:00 GMT' }),
  'headers sent twice': () => refusedOnceWith(leastMs, { 'Retry-After': ['1', '2'], 'X-Ratelimit-Reset': [atMs(900), atMs(1900)] }),
  'several values, of which the latest counts': () =>
    refusedOnceWith(3_000, { 'X-Ratelimit-Reset': atMs(900), 'X-Ratelimit-Auth-Token-Reset': atMs(2_000), 'Retry-After': '3' }),
  'always 0 remaining': () => ({
    faults: [{ match: always, change: 'headers', headers: { 'X-Ratelimit-Route-Remaining': '0', 'X-Ratelimit-Reset': atMs(800) } }],
    mostRefused: 0,
  }),
};

/** 429 storms. */
export const launchDarklyLimits: Fault = {
  name: '429 storms of LaunchDarkly',
  promise: 'The run waits, presses no limit, uses up no attempt, and publishes a complete snapshot with the right rows.',
  trials: { usual: Object.keys(limits).length, long: 170 },
  atOnce: 6,
  waits: true,
  run: async (trial) => {
    const expected = await undisturbed(trial, 'keep', smallWorld);
    const [name = '', make] = Object.entries(limits)[trial.number % Object.keys(limits).length] ?? [];
    const { budget, faults = [], mostRefused, waitMs } = make?.() ?? { mostRefused: 0 };
    const stage = await createStage(trial, { world: smallWorld, faults, ...(budget === undefined ? {} : { budget }) });
    const { exitCode, stdout, stderr } = await stage.sync(['--max-attempts', '1']);
    promise(exitCode === 0, `${name}: exit code ${exitCode}`, stderr);
    requireSameTables(stage.objectsNow(), expected);
    const row = JSON.parse(stdout) as Record<string, number>;
    const refused = stage.launchDarkly.stats.rateLimited;
    promise(
      row['rate_limited_total'] === refused,
      `${name}: ${refused} requests were refused, the commit says ${row['rate_limited_total']}`,
    );
    promise(
      refused <= mostRefused,
      `${name}: ${refused} of ${stage.launchDarkly.stats.requests} requests for ${groups} groups were refused`,
    );
    if (waitMs !== undefined) {
      const { requests } = stage.launchDarkly;
      const refusedAtMs = requests.find(({ status }) => status === 429)?.at ?? 0;
      // What was under way comes within moments.
      const waitedMs = (requests.find(({ at }) => at > refusedAtMs + 300)?.at ?? 0) - refusedAtMs;
      promise(waitedMs >= waitMs && waitedMs < waitMs + 4_000, `${name}: the next request came after ${waitedMs} ms, not ${waitMs}`);
    }
    return refused === 0 ? 'published, none refused' : 'published after refusals';
  },
};
