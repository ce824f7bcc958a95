import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lambda/clock.ts';
import { judgeAnswer } from '../../lambda/extract/judge-answer.ts';
import { createLaunchDarklyClient } from '../../lambda/extract/launchdarkly-client.ts';
import { serve } from './tiny-server.ts';

const token = 'api-00000000-1111-2222-3333-444444444444';
const escapedToken = token.replace('a', '\\u0061');

/** All that a run learns of one answer: result and judgement, or the error. */
async function learn(handle: RequestListener): Promise<string> {
  const server = await serve(handle);
  const client = await createLaunchDarklyClient(
    {
      baseUrl: server.url,
      accessToken: token,
      maxRequestsPerSecond: 1000,
      maxConcurrentRequests: 1,
      maxAttempts: 1,
      requestTimeoutMs: 2_000,
    },
    {
      clock: systemClock,
      random: () => 0,
      signal: new AbortController().signal,
      userAgent: 'test/1',
      onWait: () => {},
      onAnswer: () => {},
    },
  );
  try {
    const { result } = await client.ask('metric group', '/x');
    const { body, ...judgement } = judgeAnswer(result, 'odd', 'keep');
    return JSON.stringify({ body, judgement });
  } catch (error) {
    return JSON.stringify({ message: (error as Error).message, cause: String((error as Error).cause) });
  } finally {
    await client.close();
  }
}

describe('an answer that echoes the access token', () => {
  it.each<[string, RequestListener]>([
    ['in an error', (_request, response) => response.writeHead(400).end(JSON.stringify({ code: token, message: `no ${token}` }))],
    ['behind escapes', (_request, response) => response.writeHead(400).end(`{"message":"no ${escapedToken}"}`)],
    ['in JSON within a text', (_request, response) => response.end(JSON.stringify({ z: `{"t":"${escapedToken}"}` }))],
    ['in a page', (_request, response) => response.end(`<p>${token}</p>`)],
    ['in a 401', (_request, response) => response.writeHead(401).end(JSON.stringify({ message: `bad ${token}` }))],
    ['in the query of a redirect', (_request, response) => response.writeHead(302, { Location: `https://x.example/?t=${token}` }).end()],
    ['in the host of a redirect', (_request, response) => response.writeHead(302, { Location: `https://${token}.example/` }).end()],
    ['in the status line', (_request, response) => response.writeHead(500, token).end()],
  ])('%s shows it nowhere', async (_case, handle) => {
    expect((await learn(handle)).replaceAll(/\\+u0061/g, 'a')).not.toContain(token);
  });
});
