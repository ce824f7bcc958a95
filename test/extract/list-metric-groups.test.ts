import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../lambda/extract/http-client.ts';
import { listMetricGroups } from '../../lambda/extract/list-metric-groups.ts';
import { answerOf, createFakeClient } from './answers.ts';

type Page = { readonly keys: readonly string[]; readonly totalCount?: unknown };

const keysFrom = (first: number, count: number): string[] => Array.from({ length: count }, (_, n) => `g${first + n}`);
const pageOf = ({ keys, totalCount }: Page): HttpResult =>
  answerOf(200, { items: keys.map((key) => ({ _id: `id-${key}`, key })), ...(totalCount === undefined ? {} : { totalCount }) });
const offsetOf = (path: string): number => Number(new URLSearchParams(path.split('?')[1]).get('offset'));

/** Lists against a script of pages, in the order they are asked for. */
async function list(...pages: readonly (Page | HttpResult)[]) {
  const { client, paths } = createFakeClient((_path, nth) => {
    const page = pages[nth];
    if (page === undefined) throw new Error(`a request too many, ${nth + 1}`);
    return 'kind' in page ? page : pageOf(page);
  });
  return { listing: await listMetricGroups(client, 'demo', 'keep'), paths, offsets: paths.map(offsetOf) };
}

const settled = (keys: readonly string[], requests: number) => ({ kind: 'settled', keys, requests, rateLimited: 0 });
const whole = keysFrom(0, 120);
const disagreed = {
  kind: 'not settled',
  status: 'failed',
  message: "4 listings in a row did not agree on the project's metric groups",
};

describe('a listing with honest counts', () => {
  it('is read in pages of 50, and settled as soon as the count is met', async () => {
    const { listing, paths } = await list(
      { keys: whole.slice(0, 50), totalCount: 120 },
      { keys: whole.slice(50, 100), totalCount: 120 },
      { keys: whole.slice(100), totalCount: 120 },
    );
    expect(listing).toEqual(settled(whole, 3));
    expect(paths).toEqual([0, 50, 100].map((offset) => `/api/v2/projects/demo/metric-groups?limit=50&offset=${offset}&sort=createdAt`));
  });

  it('of an empty project takes one request', async () => {
    expect((await list({ keys: [], totalCount: 0 })).listing).toEqual(settled([], 1));
  });

  it('of fifty takes one request, of fifty-one two', async () => {
    expect((await list({ keys: keysFrom(0, 50), totalCount: 50 })).listing).toEqual(settled(keysFrom(0, 50), 1));
    const two = await list({ keys: keysFrom(0, 50), totalCount: 51 }, { keys: ['g50'], totalCount: 51 });
    expect(two.listing).toEqual(settled(keysFrom(0, 51), 2));
  });

  it('goes on by as many as it got where pages are shorter than asked for', async () => {
    const { listing, offsets } = await list(
      { keys: keysFrom(0, 20), totalCount: 45 },
      { keys: keysFrom(20, 20), totalCount: 45 },
      { keys: keysFrom(40, 5), totalCount: 45 },
    );
    expect(listing).toEqual(settled(keysFrom(0, 45), 3));
    expect(offsets).toEqual([0, 20, 40]);
  });

  it('adds up all attempts and all 429s', async () => {
    const { client } = createFakeClient(() => ({ result: pageOf({ keys: ['a'], totalCount: 1 }), attempts: 4, rateLimitedCount: 3 }));
    expect(await listMetricGroups(client, 'demo', 'keep')).toEqual({ kind: 'settled', keys: ['a'], requests: 4, rateLimited: 3 });
  });

  it('encodes the project’s key', async () => {
    const { client, paths } = createFakeClient(() => pageOf({ keys: [], totalCount: 0 }));
    await listMetricGroups(client, 'a b/ü', 'keep');
    expect(paths).toEqual(['/api/v2/projects/a%20b%2F%C3%BC/metric-groups?limit=50&offset=0&sort=createdAt']);
  });
});

describe('a listing without counts', () => {
  it('is read twice, each time to an empty page, and settled by the same groups', async () => {
    const pages = [{ keys: keysFrom(0, 50) }, { keys: keysFrom(50, 3) }, { keys: [] }];
    const { listing, offsets } = await list(...pages, ...pages);
    expect(listing).toEqual(settled(keysFrom(0, 53), 6));
    expect(offsets).toEqual([0, 50, 53, 0, 50, 53]);
  });

  it('is settled by the same groups in another order, and by a count of null', async () => {
    const { listing } = await list(
      { keys: ['a', 'b'], totalCount: null },
      { keys: [], totalCount: null },
      { keys: ['b'], totalCount: null },
      { keys: ['a'], totalCount: null },
      { keys: [], totalCount: null },
    );
    expect(listing).toEqual({ ...settled([], 5), keys: expect.arrayContaining(['a', 'b']) });
  });

  it('of an empty project takes two requests', async () => {
    expect((await list({ keys: [] }, { keys: [] })).listing).toEqual(settled([], 2));
  });

  it('is read until two in a row agree, four times at most', async () => {
    const reading = (...keys: string[]): Page[] => [{ keys }, { keys: [] }];
    expect((await list(...reading('a'), ...reading('a', 'b'), ...reading('b', 'a'))).listing).toEqual(settled(['b', 'a'], 6));
    const alternating = [...reading('a'), ...reading('b'), ...reading('a'), ...reading('b')];
    expect((await list(...alternating)).listing).toEqual(disagreed);
  });
});

describe('a listing that lies', () => {
  it('with a count that is too high is settled by two that end in an empty page', async () => {
    const pages = [
      { keys: keysFrom(0, 30), totalCount: 99 },
      { keys: [], totalCount: 99 },
    ];
    expect((await list(...pages, ...pages)).listing).toEqual(settled(keysFrom(0, 30), 4));
  });

  it('with a count that changes between pages is read again', async () => {
    const { listing, offsets } = await list(
      { keys: keysFrom(0, 50), totalCount: 51 },
      { keys: keysFrom(50, 2), totalCount: 52 },
      { keys: keysFrom(0, 50), totalCount: 52 },
      { keys: keysFrom(50, 2), totalCount: 52 },
    );
    expect(listing).toEqual(settled(keysFrom(0, 52), 4));
    expect(offsets).toEqual([0, 50, 0, 50]);
  });

  it('with a page that brings nothing new is spoiled and read again', async () => {
    const { listing, offsets } = await list(
      { keys: keysFrom(0, 50), totalCount: 60 },
      { keys: keysFrom(0, 50), totalCount: 60 },
      { keys: keysFrom(0, 50), totalCount: 60 },
      { keys: keysFrom(50, 10), totalCount: 60 },
    );
    expect(listing).toEqual(settled(keysFrom(0, 60), 4));
    expect(offsets).toEqual([0, 50, 0, 50]);
  });

  it('counts different groups, not items', async () => {
    const { listing, offsets } = await list({ keys: ['a', 'b', 'b'], totalCount: 3 }, { keys: ['b', 'c'], totalCount: 3 });
    expect(listing).toEqual(settled(['a', 'b', 'c'], 2));
    expect(offsets).toEqual([0, 3]);
  });

  it('does not count a spoiled reading as one of the two that agree', async () => {
    const good = [{ keys: ['a', 'b'] }, { keys: [] }];
    const spoiled = [{ keys: ['a', 'b'] }, { keys: ['a'] }];
    expect((await list(...good, ...spoiled, ...good, ...good)).listing).toEqual(settled(['a', 'b'], 8));
  });

  it('by the same page over and over is given up after four readings', async () => {
    const page = { keys: keysFrom(0, 50), totalCount: 500 };
    const { listing, paths } = await list(...Array<Page>(8).fill(page));
    expect(listing).toEqual(disagreed);
    expect(paths).toHaveLength(8);
  });

  it('by a count that never fits is given up after four readings', async () => {
    const reading = [
      { keys: ['a'], totalCount: 2 },
      { keys: ['b'], totalCount: 2 },
    ];
    const lying = [
      { keys: ['a'], totalCount: 9 },
      { keys: ['b'], totalCount: 2 },
    ];
    expect((await list(...reading)).listing).toEqual(settled(['a', 'b'], 2));
    expect((await list(...lying, ...lying, ...lying, ...lying)).listing).toEqual(disagreed);
  });
});

describe('a listing that cannot be read', () => {
  it.each([
    [403, { code: 'forbidden', message: 'No access' }, 'forbidden', 'No access (forbidden)'],
    [404, { code: 'not_found', message: 'Unknown' }, 'not_found', 'Unknown (not_found)'],
    [400, { code: 'invalid_request', message: 'limit' }, 'invalid', 'limit (invalid_request)'],
    [302, '', 'invalid', 'LaunchDarkly answered 302, a redirect, which is not followed; check LAUNCHDARKLY_BASE_URL (http_302)'],
    [503, '', 'failed', 'LaunchDarkly answered 503 without a message (http_503)'],
    [200, '<p>', 'invalid', '$: the answer is not JSON (invalid_body)'],
  ])('is told so at the first %i', async (status, body, outcome, message) => {
    const { listing, paths } = await list({ keys: keysFrom(0, 50), totalCount: 60 }, answerOf(status, body));
    expect(listing).toEqual({ kind: 'not settled', status: outcome, message });
    expect(paths).toHaveLength(2);
  });

  it('is told so after a time-out, and for a page over 16 MiB', async () => {
    expect((await list({ kind: 'timeout' })).listing).toMatchObject({ kind: 'not settled', status: 'failed' });
    const large: HttpResult = { kind: 'answer', status: 200, headers: {}, body: 'too large' };
    expect((await list(large)).listing).toMatchObject({ kind: 'not settled', status: 'invalid' });
  });

  it.each([
    ['{}', 'items'],
    ['[]', '$'],
    ['null', '$'],
    ['{"items":{}}', 'items'],
    ['{"items":null}', 'items'],
    ['{"items":[{"key":"a"},{"name":"b"}]}', 'items.1.key'],
    ['{"items":["a"]}', 'items.0'],
    ['{"items":[{"key":5}]}', 'items.0.key'],
    ['{"items":[],"totalCount":"0"}', 'totalCount'],
    ['{"items":[],"totalCount":-1}', 'totalCount'],
    ['{"items":[],"totalCount":0.5}', 'totalCount'],
  ])('is invalid where a page is %s', async (body, path) => {
    const { listing } = await list(answerOf(200, body));
    expect(listing).toEqual({
      kind: 'not settled',
      status: 'invalid',
      message: expect.stringContaining(`a page of the listing is not of the documented shape: ${path} is `),
    });
  });

  it.each(['hash', 'omit'] as const)('quotes nothing of a page with MAINTAINER_DETAILS=%s', async (details) => {
    for (const body of ['{"items":"ariel@acme.example"}', '{"items":[{"key":"a"},"ariel@acme.example"]}', '"ariel@acme.example"']) {
      const { client } = createFakeClient(() => answerOf(200, body));
      const listing = await listMetricGroups(client, 'demo', details);
      expect(listing).toMatchObject({ kind: 'not settled', status: 'invalid' });
      expect(JSON.stringify(listing)).not.toContain('ariel');
    }
  });
});
