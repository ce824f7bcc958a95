import type { IncomingMessage } from 'node:http';

/** What a request asks for. */
export type RouteName = 'single' | 'list' | 'caller-identity' | 'unknown';

/** One request as the simulation sees it, its keys decoded. */
export interface ParsedRequest {
  readonly method: string;
  readonly route: RouteName;
  /** Path without the query, as sent. */
  readonly path: string;
  readonly query: string;
  readonly projectKey?: string;
  readonly metricGroupKey?: string;
  readonly authorization: string | undefined;
  /** The first `LD-API-Version`, which is the one that counts. */
  readonly apiVersion: string | undefined;
}

/** Reads method, path and headers of a request. */
export function parseRequest(request: IncomingMessage): ParsedRequest {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const version = request.headers['ld-api-version'];
  return {
    method: request.method ?? 'GET',
    path,
    query: mark < 0 ? '' : target.slice(mark + 1),
    ...matchRoute(path),
    authorization: request.headers.authorization,
    apiVersion: (typeof version === 'string' ? version : version?.[0])?.split(',', 1)[0],
  };
}

function matchRoute(path: string): { route: RouteName; projectKey?: string; metricGroupKey?: string } {
  if (path === '/api/v2/caller-identity') return { route: 'caller-identity' };
  const [, api, version, projects, project, groups, group, ...more] = path.split('/');
  const known = api === 'api' && version === 'v2' && projects === 'projects' && groups === 'metric-groups' && more.length === 0;
  const projectKey = known ? decode(project) : undefined;
  if (projectKey === undefined) return { route: 'unknown' };
  if (group === undefined) return { route: 'list', projectKey };
  const metricGroupKey = decode(group);
  return metricGroupKey === undefined ? { route: 'unknown' } : { route: 'single', projectKey, metricGroupKey };
}

function decode(segment: string | undefined): string | undefined {
  if (segment === undefined || segment === '') return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
