import type { ParsedRequest } from './request.ts';
import type { Sort, World } from './world.ts';

/** A whole answer; a header with several values is sent as often. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

/** What answers are made from, besides the request. */
export interface AnswerSource {
  readonly world: World;
  /** Whether listings name their `totalCount`. */
  readonly totalCount: boolean;
}

const sorts: readonly string[] = ['name', 'createdAt', 'connectionCount', '-name', '-createdAt', '-connectionCount'] satisfies Sort[];

/** Answers a request that was not refused, as LaunchDarkly does while no limit is reached. */
export function answerRequest(request: ParsedRequest, source: AnswerSource): Answer {
  const { route, projectKey = '', metricGroupKey = '' } = request;
  if (route === 'caller-identity') return json(JSON.stringify(callerIdentity));
  if (route === 'list') return source.world.hasProject(projectKey) ? listGroups(request, projectKey, source) : notFound;
  const expand = new URLSearchParams(request.query).get('expand') ?? '';
  const expanded = expand.split(',').map((field) => field.trim());
  const body = source.world.body(projectKey, metricGroupKey, {
    experiments: expanded.includes('experiments'),
    experimentCount: expanded.includes('experimentCount'),
  });
  return body === undefined ? notFound : json(body);
}

/** The answer to a request that never reaches the account, undefined for one that does; such requests use up no budget. */
export function refuse(request: ParsedRequest, token: string): Answer | undefined {
  if (request.authorization !== token) return failure(401, 'unauthorized', 'Invalid access token');
  if (request.route === 'unknown') return notFound;
  if (request.method !== 'GET') return failure(405, 'method_not_allowed', `Method ${request.method} is not allowed here`);
  if (request.route === 'caller-identity' || request.apiVersion === 'beta') return undefined;
  return failure(403, 'forbidden', 'This resource is in beta. To use it, set the LD-API-Version header to "beta".');
}

/** An error in LaunchDarkly's own shape. */
export function failure(status: number, code: string, message: string): Answer {
  return { ...json(JSON.stringify({ code, message })), status };
}

function listGroups(request: ParsedRequest, projectKey: string, { world, totalCount: counted }: AnswerSource): Answer {
  const query = new URLSearchParams(request.query);
  const limit = Number(query.get('limit') ?? 20);
  const offset = Number(query.get('offset') ?? 0);
  const sort = query.get('sort') ?? 'createdAt';
  if (!Number.isInteger(limit) || limit < 1 || limit > 50) return failure(400, 'invalid_request', 'limit must be between 1 and 50');
  if (!Number.isInteger(offset) || offset < 0) return failure(400, 'invalid_request', 'offset must not be negative');
  if (!sorts.includes(sort)) return failure(400, 'invalid_request', `cannot sort by ${sort}`);
  const { items, totalCount } = world.page(projectKey, offset, limit, sort as Sort);
  const self = { href: `${request.path}?${request.query}`, type: 'application/json' };
  const count = counted ? `,"totalCount":${totalCount}` : '';
  return json(`{"items":[${items.join(',')}]${count},"_links":${JSON.stringify({ self })}}`);
}

function json(body: string): Answer {
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body };
}

const notFound = failure(404, 'not_found', 'Unknown resource');

const callerIdentity = {
  accountId: '569f183514f4432160000001',
  authKind: 'token',
  tokenKind: 'auth',
  tokenName: 'metric-group-sync',
  tokenId: '62da71a1fd1f9b2b3c4d5e6f',
  serviceToken: true,
  scopes: [],
  _links: { self: { href: '/api/v2/caller-identity', type: 'application/json' } },
};
