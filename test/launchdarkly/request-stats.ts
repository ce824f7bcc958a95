import type { ParsedRequest } from './request.ts';
import type { World } from './world.ts';

/** What was asked so far, in numbers whose memory does not grow with the requests. */
export interface RequestStats {
  requests: number;
  rateLimited: number;
  notFound: number;
  /** Unix ms by the server's clock, null before the first request. */
  firstRequestAt: number | null;
  lastRequestAt: number | null;
  /** Different generated groups asked for, and requests for one that was asked for before; 429s count in neither. */
  groupsAsked: number;
  groupsRepeated: number;
}

/** Keeps count of requests and of the groups they name. */
export interface StatsKeeper {
  readonly stats: RequestStats;
  count(request: ParsedRequest, at: number, status: number): void;
}

/** Creates counters at zero. */
export function createRequestStats(world: World): StatsKeeper {
  const stats: RequestStats = {
    requests: 0,
    rateLimited: 0,
    notFound: 0,
    firstRequestAt: null,
    lastRequestAt: null,
    groupsAsked: 0,
    groupsRepeated: 0,
  };
  const asked = new Map<string, Uint8Array>();

  const countGroup = (projectKey: string, metricGroupKey: string): void => {
    const index = world.indexOf(projectKey, metricGroupKey);
    if (index < 0) return;
    let marks = asked.get(projectKey) ?? new Uint8Array(1024);
    if (index >= marks.length) {
      const grown = new Uint8Array(2 ** (32 - Math.clz32(index)));
      grown.set(marks);
      marks = grown;
    }
    asked.set(projectKey, marks);
    if (marks[index] === 0) stats.groupsAsked++;
    else stats.groupsRepeated++;
    marks[index] = 1;
  };

  return {
    stats,
    count(request, at, status) {
      stats.requests++;
      stats.firstRequestAt ??= at;
      stats.lastRequestAt = at;
      if (status === 429) stats.rateLimited++;
      else if (request.route === 'single') countGroup(request.projectKey ?? '', request.metricGroupKey ?? '');
      if (status === 404) stats.notFound++;
    },
  };
}
