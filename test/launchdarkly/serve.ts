import { parseArgs } from 'node:util';
import type { BudgetOptions, RateLimitFamily } from './budget.ts';
import { startLaunchDarkly } from './server.ts';
import { createWorld } from './world.ts';

// Runs the simulation as a program of its own, for the benchmark: prints one JSON line when it listens, ends on SIGTERM.
const { values } = parseArgs({
  options: {
    groups: { type: 'string', default: '1000' },
    project: { type: 'string', default: 'demo' },
    token: { type: 'string' },
    limit: { type: 'string' },
    family: { type: 'string', default: 'route' },
    'window-ms': { type: 'string', default: '10000' },
    anchored: { type: 'string', default: 'first-request' },
    headers: { type: 'string', default: 'all' },
    'latency-ms': { type: 'string', default: '0' },
    gzip: { type: 'boolean', default: false },
    port: { type: 'string', default: '0' },
  },
});

const server = await startLaunchDarkly({
  world: createWorld({ projects: { [values.project]: wholeNumber('groups', values.groups) } }),
  ...(values.token === undefined ? {} : { token: values.token }),
  ...(values.limit === undefined ? {} : { budget: budgetOf(wholeNumber('limit', values.limit)) }),
  latencyMs: wholeNumber('latency-ms', values['latency-ms']),
  port: wholeNumber('port', values.port),
  gzip: values.gzip,
  keepRequestLog: false,
  serveStats: true,
});
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
process.stdout.write(`${JSON.stringify({ url: server.url, token: server.token, projectKey: values.project })}\n`);

function stop(): void {
  void server.close();
}

function budgetOf(limit: number): BudgetOptions {
  const family = oneOf('family', values.family, ['global', 'route', 'authToken', 'ip'] satisfies RateLimitFamily[]);
  return {
    windowMs: wholeNumber('window-ms', values['window-ms']),
    families: { [family]: { limit } },
    anchored: oneOf('anchored', values.anchored, ['epoch', 'first-request']),
    headersOn: oneOf('headers', values.headers, ['all', '429', 'none']),
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`);
  return Number(text);
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new Error(`--${name} must be one of ${allowed.join(', ')}, not "${text}"`);
  return found;
}
