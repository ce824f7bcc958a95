import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, answerRequest, failure, refuse } from './answer.ts';
import { type BudgetOptions, createBudget } from './budget.ts';
import { createFaultPicker } from './fault-picker.ts';
import type { Fault } from './faults.ts';
import { playEffect } from './play-effect.ts';
import { parseRequest } from './request.ts';
import { createRequestLog, type RequestLogEntry } from './request-log.ts';
import { createRequestStats, type RequestStats } from './request-stats.ts';
import { sendAnswer } from './send-answer.ts';
import type { World } from './world.ts';

/** How the simulated LaunchDarkly behaves. */
export interface SimulatedLaunchDarklyOptions {
  readonly world: World;
  /** @default 'api-00000000-0000-0000-0000-000000000000' */
  readonly token?: string;
  /** @default no limits, and no headers that speak of them */
  readonly budget?: BudgetOptions;
  /** Time before each answer. @default 0 */
  readonly latencyMs?: number;
  readonly faults?: readonly Fault[];
  /** Unix ms. @default Date.now */
  readonly now?: () => number;
  /** How far the server's clock, and with it `Date` and the resets, is ahead of `now`. @default 0 */
  readonly clockOffsetMs?: number;
  /** @default true */
  readonly keepRequestLog?: boolean;
  /** Whether listings name their `totalCount`. @default true */
  readonly totalCount?: boolean;
  /** Whether clients that accept gzip get it. @default false */
  readonly gzip?: boolean;
  /** @default any free port */
  readonly port?: number;
  /** Whether `GET /__stats` answers with the stats, token or no. @default false */
  readonly serveStats?: boolean;
}

/** A running simulation. */
export interface SimulatedLaunchDarkly {
  /** Base URL without a slash at its end. */
  readonly url: string;
  /** The one token that is accepted. */
  readonly token: string;
  /** All requests in order of arrival; stays empty without `keepRequestLog`. */
  readonly requests: readonly RequestLogEntry[];
  readonly stats: Readonly<RequestStats>;
  readonly world: World;
  /** Begins anew with these limits, all windows unused; undefined = no limits. */
  setBudget(budget: BudgetOptions | undefined): void;
  /** Accepts this token from now on, and no other. */
  setToken(token: string): void;
  /** Replaces all faults and counts the requests from zero. */
  setFaults(faults: readonly Fault[]): void;
  /** Ends at once, whatever still hangs. */
  close(): Promise<void>;
}

/** Starts a simulated LaunchDarkly on 127.0.0.1. */
export async function startLaunchDarkly(options: SimulatedLaunchDarklyOptions): Promise<SimulatedLaunchDarkly> {
  const { world, latencyMs = 0, clockOffsetMs = 0 } = options;
  const { now = Date.now, keepRequestLog = true, totalCount = true, gzip = false, serveStats = false } = options;
  const ownClock = options.now !== undefined || clockOffsetMs !== 0;
  const { stats, count } = createRequestStats(world);
  const log = createRequestLog(keepRequestLog);
  let token = options.token ?? 'api-00000000-0000-0000-0000-000000000000';
  let budget = options.budget && createBudget(options.budget);
  let pickFaults = createFaultPicker(options.faults ?? []);

  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    const at = now() + clockOffsetMs;
    incoming.resume();
    if (serveStats && incoming.url === '/__stats') {
      sendAnswer(response, { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(stats) });
      return;
    }
    const request = parseRequest(incoming);
    const refused = refuse(request, token);
    const taken = refused === undefined ? budget?.take(at, request.route) : undefined;
    const rateLimited = taken?.allowed === false;
    const whole = refused ?? (rateLimited ? tooMany : answerRequest(request, { world, totalCount }));
    const picked = rateLimited ? undefined : pickFaults(request);
    const changes = { ...(ownClock ? { Date: new Date(at).toUTCString() } : {}), ...taken?.headers };
    const answer: Answer = { ...whole, headers: { ...whole.headers, ...changes } };
    const status = picked?.effect !== undefined && 'status' in picked.effect ? picked.effect.status : answer.status;
    count(request, at, status);
    const entry = log.arrived(at, request, incoming, status === 429, response);

    const send = (): void => {
      if (response.destroyed) return;
      const changed = picked === undefined ? answer : picked.apply(answer);
      const zipped = gzip && /\bgzip\b/.test(incoming.headers['accept-encoding']?.toString() ?? '');
      const sent = picked?.effect
        ? playEffect(picked.effect, changed, response, request.authorization ?? '')
        : sendAnswer(response, changed, zipped);
      entry?.answered(sent);
    };
    const delayMs = latencyMs + (picked?.delayMs ?? 0);
    if (delayMs > 0) {
      const timer = setTimeout(send, delayMs);
      response.once('close', () => clearTimeout(timer));
    } else send();
  };

  const server = createServer({ keepAliveTimeout: 75_000 }, handle);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get token() {
      return token;
    },
    requests: log.entries,
    stats,
    world,
    setBudget(next) {
      budget = next && createBudget(next);
    },
    setToken(next) {
      token = next;
    },
    setFaults(next) {
      pickFaults = createFaultPicker(next);
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

const tooMany = failure(429, 'rate_limited', 'You have exceeded the rate limit. Try again later.');
