import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import * as faults from './faults.ts';
import { type SimulatedLaunchDarkly, type SimulatedLaunchDarklyOptions, startLaunchDarkly } from './server.ts';
import { createWorld } from './world.ts';

let server: SimulatedLaunchDarkly | undefined;
afterEach(() => server?.close());

async function start(options: Partial<SimulatedLaunchDarklyOptions> = {}): Promise<SimulatedLaunchDarkly> {
  server = await startLaunchDarkly({ world: createWorld({ projects: { demo: 120, empty: 0 } }), ...options });
  return server;
}

const groups = '/api/v2/projects/demo/metric-groups';
const first = `${groups}/checkout-funnel-000000`;
const beta = { 'LD-API-Version': 'beta' };

async function ask(
  path: string,
  init: { headers?: Record<string, string>; method?: string; signal?: AbortSignal; redirect?: 'manual' } = {},
) {
  const { url = '', token = '' } = server ?? {};
  const response = await fetch(url + path, { ...init, headers: { Authorization: token, ...beta, ...init.headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

/** The code of the error that ended a request, `none` where it was answered whole. */
async function errorOf(path: string): Promise<string> {
  try {
    await ask(path);
    return 'none';
  } catch (error) {
    const cause = (error as { cause?: { code?: string } }).cause;
    return cause?.code ?? String(error);
  }
}

describe('routes', () => {
  it('sends experiments and their count only where they are asked for', async () => {
    await start();
    const plain = (await ask(first)).json();
    expect(plain).toMatchObject({ key: 'checkout-funnel-000000' });
    expect(plain).not.toHaveProperty('experiments');
    expect(plain).not.toHaveProperty('experimentCount');
    const whole = (await ask(`${first}?expand=experiments,experimentCount`)).json();
    expect(whole.experiments).toHaveLength(3);
    expect(whole.experimentCount).toBe(3);
    expect((await ask(`${first}?expand=experimentCount`)).json()).not.toHaveProperty('experiments');
  });

  it('lists 20 groups by default and 50 at most, without experiments', async () => {
    await start();
    const { items, totalCount } = (await ask(`${groups}?expand=experiments`)).json();
    expect(items).toHaveLength(20);
    expect(items[0]).not.toHaveProperty('experiments');
    expect(totalCount).toBe(120);
    expect((await ask(`${groups}?limit=50&offset=100&sort=createdAt`)).json().items).toHaveLength(20);
    expect((await ask(`${groups}?limit=50&offset=150`)).json().items).toEqual([]);
    expect((await ask(`${groups}?limit=51`)).json()).toMatchObject({ code: 'invalid_request' });
    expect((await ask('/api/v2/projects/empty/metric-groups')).json()).toMatchObject({ items: [], totalCount: 0 });
  });

  it('leaves out totalCount where it is switched off', async () => {
    await start({ totalCount: false });
    expect((await ask(groups)).json()).not.toHaveProperty('totalCount');
  });

  it('refuses like LaunchDarkly', async () => {
    const { token } = await start();
    const refusals = [
      await ask(first, { headers: { Authorization: `Bearer ${token}` } }),
      await ask('/api/v2/caller-identity', { headers: { Authorization: 'api-other' } }),
      await ask(first, { headers: { 'LD-API-Version': '20240415' } }),
      await ask(groups, { headers: { 'LD-API-Version': '' } }),
      await ask(`${groups}/unknown`),
      await ask('/api/v2/projects/unknown/metric-groups'),
      await ask('/api/v2/flags/demo'),
      await ask(first, { method: 'POST' }),
    ];
    expect(refusals.map(({ status, json }) => `${status} ${json().code}`)).toEqual([
      '401 unauthorized',
      '401 unauthorized',
      '403 forbidden',
      '403 forbidden',
      '404 not_found',
      '404 not_found',
      '404 not_found',
      '405 method_not_allowed',
    ]);
    expect(refusals[2]?.json().message).toContain('LD-API-Version');
  });

  it('knows the token at caller-identity without the beta header', async () => {
    const { token } = await start();
    expect((await ask('/api/v2/caller-identity', { headers: { 'LD-API-Version': '' } })).json()).toMatchObject({ serviceToken: true });
    expect(token).toMatch(/^api-/);
  });

  it('lets the first of two API versions win and logs both', async () => {
    const { url, token, requests } = await start();
    const statusOf = (...versions: string[]) =>
      new Promise((resolve) => {
        const request = httpRequest(url + first, { headers: { authorization: token, 'ld-api-version': versions } });
        request.on('response', (response) => resolve(response.resume().statusCode)).end();
      });
    expect(await statusOf('beta', '20240415')).toBe(200);
    expect(await statusOf('20240415', 'beta')).toBe(403);
    expect(requests.map(({ headers }) => headers['ld-api-version'])).toEqual(['beta, 20240415', '20240415, beta']);
  });

  it('decodes keys and shows changes of the world at once', async () => {
    const { world } = await start();
    world.set('demo', 'a b/ü', { key: 'a b/ü', name: 'Odd' });
    expect((await ask(`${groups}/${encodeURIComponent('a b/ü')}`)).json()).toEqual({ key: 'a b/ü', name: 'Odd' });
    world.change('demo', 'a b/ü', { name: 'Renamed' });
    expect((await ask(`${groups}/a%20b%2F%C3%BC`)).json()).toMatchObject({ name: 'Renamed' });
    world.delete('demo', 'a b/ü');
    expect((await ask(`${groups}/a%20b%2F%C3%BC`)).status).toBe(404);
  });

  it('zips where it may and the client accepts it', async () => {
    await start({ gzip: true });
    const { headers, json } = await ask(first, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(json()).toMatchObject({ key: 'checkout-funnel-000000' });
  });
});

describe('limits', () => {
  it('answers 429 beyond the limit and again 200 in the next window of its own clock', async () => {
    let clock = 1_795_000_003_000;
    await start({ now: () => clock, clockOffsetMs: 60_000, budget: { families: { route: { limit: 2 } } } });
    const { headers } = await ask(first);
    expect(headers.get('date')).toBe(new Date(clock + 60_000).toUTCString());
    expect(headers.get('x-ratelimit-route-remaining')).toBe('1');
    expect(headers.get('x-ratelimit-reset')).toBe('1795000070000');
    await ask(first);
    const limited = await ask(first);
    expect([limited.status, limited.json().code]).toEqual([429, 'rate_limited']);
    expect((await ask(groups)).status).toBe(200);
    clock += 7000;
    expect((await ask(first)).status).toBe(200);
    expect(server?.requests.map(({ rateLimited, status }) => [rateLimited, status])).toEqual([
      [false, 200],
      [false, 200],
      [true, 429],
      [false, 200],
      [false, 200],
    ]);
    expect(server?.stats).toMatchObject({ requests: 5, rateLimited: 1, notFound: 0, groupsAsked: 1, groupsRepeated: 2 });
  });

  it('sends no header about limits where there are none, and begins anew with other ones', async () => {
    const { setBudget } = await start();
    expect([...(await ask(first)).headers.keys()].filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    setBudget({ families: { authToken: { limit: 0 } }, headersOn: 'none' });
    expect((await ask(first)).status).toBe(429);
    setBudget(undefined);
    expect((await ask(first)).status).toBe(200);
  });
});

describe('faults', () => {
  it('fail the first times and then no more, rate-limited requests not counted', async () => {
    const { setBudget, setFaults } = await start({ budget: { families: { route: { limit: 0 } } } });
    setFaults([faults.failWith(faults.firstTimes(2), 503, '<html>')]);
    expect((await ask(first)).status).toBe(429);
    setBudget(undefined);
    const statuses = [await ask(first), await ask(first), await ask(first), await ask(groups)].map(({ status }) => status);
    expect(statuses).toEqual([503, 503, 200, 503]);
  });

  it('reset before the answer and in the middle of the body', async () => {
    const { setFaults } = await start({ faults: [faults.resetBeforeAnswer(faults.always)] });
    expect(await errorOf(first)).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    setFaults([faults.resetMidBody(faults.always)]);
    const response = await fetch((server?.url ?? '') + first, { headers: { Authorization: server?.token ?? '', ...beta } });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(server?.requests.map(({ status }) => status)).toEqual([null, 200]);
  });

  it.each(['request', 'headers', 'half-body'] as const)('hang after the %s, until the server closes', async (after) => {
    const { close } = await start({ faults: [faults.hang(faults.always, after)] });
    const ended = errorOf(first);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const asked = performance.now();
    await close();
    expect(await ended).not.toBe('none');
    expect(performance.now() - asked).toBeLessThan(1000);
  });

  it('trickle a whole body, or white space without end', async () => {
    const { world, setFaults } = await start({ faults: [faults.trickle(faults.always, 1)] });
    world.set('demo', 'slow', { key: 'slow' });
    expect((await ask(`${groups}/slow`)).json()).toEqual({ key: 'slow' });
    setFaults([faults.trickle(faults.always, 1, true)]);
    await expect(ask(first, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
  });

  it('send half of the JSON as a whole body', async () => {
    await start({ faults: [faults.truncateJson(faults.always)] });
    const { status, json } = await ask(first);
    expect(status).toBe(200);
    expect(json).toThrow(SyntaxError);
  });

  it('send a page or a redirect instead', async () => {
    const { setFaults } = await start({ faults: [faults.answerHtml(faults.onGroups('checkout-funnel-000000'))] });
    expect((await ask(first)).headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect((await ask(groups)).headers.get('content-type')).toBe('application/json');
    setFaults([faults.redirectTo(faults.always, 'http://127.0.0.1:1/')]);
    const { status, headers } = await ask(first, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/']);
  });

  it('send a bomb that is small on the wire and large in memory', async () => {
    await start({ faults: [faults.gzipBomb(faults.always, 20)] });
    const { headers, text } = await ask(first);
    expect(headers.get('content-encoding')).toBe('gzip');
    expect(text.length).toBe(20 * 1024 * 1024);
  });

  it('send a body without end', async () => {
    await start({ faults: [faults.endlessBody(faults.always)] });
    const response = await fetch((server?.url ?? '') + first, { headers: { Authorization: server?.token ?? '', ...beta } });
    let received = 0;
    for await (const chunk of response.body ?? []) {
      received += chunk.length;
      if (received > 10_000_000) break;
    }
    expect(received).toBeGreaterThan(10_000_000);
  });

  it('echo the token in an error, or in an answer that is valid all the same', async () => {
    const { token, setFaults } = await start({ faults: [faults.echoToken(faults.always, 500)] });
    expect((await ask(first)).json().message).toContain(token);
    setFaults([faults.echoToken(faults.always, 200)]);
    expect((await ask(first)).json()).toMatchObject({ key: 'checkout-funnel-000000', zEcho: token });
  });

  it('change headers and body of the usual answer and delay it, all at once', async () => {
    const changes = [
      faults.changeHeaders(faults.always, { 'x-ratelimit-reset': 'soon', 'X-Ratelimit-Route-Limit': null, 'Retry-After': ['1', '2'] }),
      faults.rewriteBody(faults.onRoute('list'), () => '{"items":[]}'),
      faults.delay(faults.always, 30),
    ];
    await start({ faults: changes, budget: { families: { route: { limit: 9 } } } });
    const asked = performance.now();
    const { headers, text } = await ask(groups);
    expect(performance.now() - asked).toBeGreaterThanOrEqual(29);
    expect(text).toBe('{"items":[]}');
    expect(headers.get('x-ratelimit-reset')).toBe('soon');
    expect(headers.get('x-ratelimit-route-limit')).toBeNull();
    expect(headers.get('x-ratelimit-route-remaining')).toBe('8');
    expect(headers.get('retry-after')).toBe('1, 2');
  });
});

describe('log', () => {
  it('stays empty where it is not kept, while the stats go on', async () => {
    const { requests, stats } = await start({ keepRequestLog: false, serveStats: true });
    await ask(first);
    await ask(`${groups}/unknown`);
    expect(requests).toEqual([]);
    expect((await ask('/__stats')).json()).toEqual({ ...stats, requests: 2, notFound: 1, groupsAsked: 1, groupsRepeated: 0 });
  });

  it('tells how many requests were open at once', async () => {
    const { requests } = await start({ latencyMs: 50 });
    await Promise.all([ask(first), ask(first), ask(first)]);
    await ask(first);
    expect(requests.map(({ open }) => open)).toEqual([1, 2, 3, 1]);
    expect(requests[0]).toMatchObject({ method: 'GET', route: 'single', path: first, query: '', projectKey: 'demo', status: 200 });
  });
});
