import * as v from 'valibot';
import type { MaintainerDetails, Status } from '../contract/raw.ts';
import { isJsonObject } from '../json/json-text.ts';
import type { HttpResult } from './http-client.ts';
import { judgeAnswer, readBody } from './judge-answer.ts';
import type { LaunchDarklyClient } from './launchdarkly-client.ts';

/** The keys of a project's metric groups, or why they cannot be told. */
export type Listing =
  | { readonly kind: 'settled'; readonly keys: readonly string[]; readonly requests: number; readonly rateLimited: number }
  | { readonly kind: 'not settled'; readonly status: Status; readonly message: string };

const pageLimit = 50;
const maxListings = 4;
const pageSchema = v.object({
  items: v.array(v.object({ key: v.string('no string') }, 'no object'), 'no list'),
  totalCount: v.nullish(v.pipe(v.number('no number'), v.integer('no whole number'), v.minValue(0, 'negative'))),
});

type Pass = { readonly keys: ReadonlySet<string>; readonly isSettled: boolean; readonly isWhole: boolean };
type Page = { readonly keys: readonly string[]; readonly totalCount: number | undefined };
type Failure = { readonly status: Status; readonly message: string };

/** The path of one page of a project's metric groups; the sort keeps pages stable while groups are added. */
export const listingPath = (projectKey: string, offset: number): string =>
  `/api/v2/projects/${encodeURIComponent(projectKey)}/metric-groups?limit=${pageLimit}&offset=${offset}&sort=createdAt`;

/**
 * Lists a project's metric groups until the listing is settled: the announced count was met and every page named it, or two unspoiled listings
 * in a row ended in an empty page with the same groups. Pages may lie, repeat or shift while they are read; four listings are the limit.
 */
export async function listMetricGroups(client: LaunchDarklyClient, projectKey: string, details: MaintainerDetails): Promise<Listing> {
  let requests = 0;
  let rateLimited = 0;
  const readPage = async (offset: number): Promise<Page | Failure> => {
    const { result, attempts, rateLimitedCount } = await client.ask('metric groups', listingPath(projectKey, offset));
    requests += attempts;
    rateLimited += rateLimitedCount;
    return parsePage(result, details);
  };
  let before: ReadonlySet<string> | undefined;
  for (let listing = 0; listing < maxListings; listing++) {
    const pass = await readListing(readPage);
    if ('status' in pass) return { kind: 'not settled', ...pass };
    if (pass.isSettled || (pass.isWhole && before !== undefined && isSame(pass.keys, before))) {
      return { kind: 'settled', keys: [...pass.keys], requests, rateLimited };
    }
    before = pass.isWhole ? pass.keys : undefined;
  }
  return {
    kind: 'not settled',
    status: 'failed',
    message: `${maxListings} listings in a row did not agree on the project's metric groups`,
  };
}

async function readListing(readPage: (offset: number) => Promise<Page | Failure>): Promise<Pass | Failure> {
  const keys = new Set<string>();
  const totals = new Set<number | undefined>();
  for (let offset = 0; ; ) {
    const page = await readPage(offset);
    if ('status' in page) return page;
    totals.add(page.totalCount);
    const known = keys.size;
    for (const key of page.keys) keys.add(key);
    if (page.totalCount === keys.size) return { keys, isSettled: totals.size === 1, isWhole: page.keys.length === 0 };
    if (page.keys.length === 0) return { keys, isSettled: false, isWhole: true };
    if (keys.size === known) return { keys, isSettled: false, isWhole: false };
    offset += page.keys.length;
  }
}

function parsePage(result: HttpResult, details: MaintainerDetails): Page | Failure {
  const read = result.kind === 'answer' && result.status === 200 ? readBody(result) : undefined;
  if (typeof read === 'object') {
    const { json: answer } = read;
    const page = v.safeParse(pageSchema, isJsonObject(answer) ? answer : undefined, { abortEarly: true });
    if (page.success)
      return { keys: page.output.items.map(({ key }) => key.toWellFormed()), totalCount: page.output.totalCount ?? undefined };
    return {
      status: 'invalid',
      message: `a page of the listing is not of the documented shape: ${describeIssue(page.issues[0])}`,
    };
  }
  const { status, error_code, error_message } = judgeAnswer(result, '', details);
  return { status, message: `${error_message} (${error_code})` };
}

/** Where a page is wrong, without what stands there: it may be anything. */
const describeIssue = (issue: v.BaseIssue<unknown>): string =>
  `${v.getDotPath(issue) ?? '$'} is ${issue.input === undefined ? 'missing' : issue.message}`;

const isSame = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && a.isSubsetOf(b);
