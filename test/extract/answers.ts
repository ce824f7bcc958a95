import type { HttpResult } from '../../lambda/extract/http-client.ts';
import type { Asked, LaunchDarklyClient } from '../../lambda/extract/launchdarkly-client.ts';

/** A whole answer. */
export const answerOf = (status: number, body: unknown = '', headers: Record<string, string> = {}): HttpResult => ({
  kind: 'answer',
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** A client that answers at once from a script, and logs what it was asked. */
export function createFakeClient(answer: (path: string, nth: number) => HttpResult | Partial<Asked>): {
  client: LaunchDarklyClient;
  paths: string[];
} {
  const paths: string[] = [];
  const client: LaunchDarklyClient = {
    ask: async (route, path) => {
      paths.push(path);
      const got = answer(path, paths.length - 1);
      const asked = 'kind' in got ? { result: got } : got;
      if (route === 'caller identity') throw new Error('nobody asks that here');
      return { result: answerOf(500), attempts: 1, rateLimitedCount: 0, durationMs: 7, ...asked };
    },
    counts: { requests: 0, rateLimited: 0, waitedMs: 0 },
    close: async () => {},
  };
  return { client, paths };
}
