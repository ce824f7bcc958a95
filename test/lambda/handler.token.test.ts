import { afterAll, beforeAll, expect, test } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import type { InvocationEnd } from './lambda-process.ts';
import { createLambdaScene, expectCleanLogs, type LambdaScene, minutesAgo, type SceneLambda, secretId } from './lambda-scene.ts';

const groups = 15;
let scene: LambdaScene;
/** One environment, whose token is rotated from test to test; it asks for one group at a time. */
let lambda: SceneLambda;
/** The keys of all groups, in the order in which they are asked for. */
let keys: string[];

beforeAll(async () => {
  scene = await createLambdaScene(groups);
  lambda = await scene.start({ MAX_CONCURRENT_REQUESTS: '1' });
  keys = [...scene.launchDarkly.world.keys('demo')].sort();
});
afterAll(() => scene.close());

/** Has LaunchDarkly accept another token, and no other, once it was asked so often. */
function acceptAfter(requests: number, token: string): void {
  const change = ({ total }: { readonly total: number }): boolean => {
    if (total === requests - 1) scene.launchDarkly.setToken(token);
    return false;
  };
  scene.launchDarkly.setFaults([{ match: change, change: 'delay', ms: 0 }]);
}

/** An invocation: how it ended, the groups that were answered (a listing is `*`), the tokens that were refused, and how often the secret was read. */
async function invoke(scheduledTime: string): Promise<{ ended: InvocationEnd; answered: string[]; refused: string[]; reads: number }> {
  const [before, readsBefore] = [scene.launchDarkly.requests.length, scene.secrets.requests.length];
  const ended = await lambda.invoke({ scheduledTime });
  const asked = scene.launchDarkly.requests.slice(before);
  return {
    ended,
    answered: asked.filter(({ status }) => status !== 401).map(({ metricGroupKey }) => metricGroupKey ?? '*'),
    refused: asked.filter(({ status }) => status === 401).map(({ headers }) => headers.authorization ?? ''),
    reads: scene.secrets.requests.length - readsBefore,
  };
}

const published = (scheduledTime: string): InvocationEnd => ({
  kind: 'response',
  value: lambda.committed(scheduledTime) as Record<string, unknown>,
});
const refusal = (settled: number, scheduledTime: string): InvocationEnd => ({
  kind: 'error',
  errorType: 'SyncError',
  errorMessage:
    `LaunchDarkly at ${scene.launchDarkly.url} refused the access token (401): store a valid reader token of that instance in LAUNCHDARKLY_ACCESS_TOKEN or the secret ` +
    '(as it is, without "Bearer"; tokens of app.launchdarkly.com, .us and .eu are unknown to each other), then run again; ' +
    `${settled} of ${groups} targets are settled and kept in snapshot ${snapshotAt(Date.parse(scheduledTime)).id}`,
});

test('a token rotated between two invocations is read again once', async () => {
  const [first, second] = [minutesAgo(9), minutesAgo(8)];
  const before = scene.launchDarkly.token;
  expect(await invoke(first)).toEqual({ ended: published(first), answered: ['*', ...keys], refused: [], reads: 1 });
  scene.launchDarkly.setToken('api-second');
  scene.secrets.secrets.set(secretId, JSON.stringify({ accessToken: 'api-second' }));
  expect(await invoke(second)).toEqual({ ended: published(second), answered: ['*', ...keys], refused: [before], reads: 1 });
  expect(lambda.logs()).toContain('the access token was rotated: going on with the new one');
});

test('a token rotated in the middle of a run is read again once, and what was answered is not asked again', async () => {
  const scheduledTime = minutesAgo(7);
  scene.secrets.secrets.set(secretId, 'api-third');
  acceptAfter(1 + 12, 'api-third');
  expect(await invoke(scheduledTime)).toEqual({
    ended: published(scheduledTime),
    answered: ['*', ...keys],
    refused: ['api-second'],
    reads: 1,
  });
  expect(lambda.committed(scheduledTime)).toMatchObject({ status: 'complete', requests_total: 1 + groups });
  expect(lambda.objects(scheduledTime)).toEqual(expect.arrayContaining(['parts/00000-00000', 'parts/00000-00001', 'plan', 'seal']));
});

test('when the token read again is refused too, the run fails and keeps what was answered; the next one asks for the rest', async () => {
  const scheduledTime = minutesAgo(6);
  scene.secrets.secrets.set(secretId, 'api-mistyped');
  acceptAfter(1 + 7, 'api-fourth');
  expect(await invoke(scheduledTime)).toEqual({
    ended: refusal(7, scheduledTime),
    answered: ['*', ...keys.slice(0, 7)],
    refused: ['api-third', 'api-mistyped'],
    reads: 1,
  });
  expect(lambda.objects(scheduledTime)).toEqual(['parts/00000-00000', 'plan']);
  expect(lambda.metrics().at(-1)).toMatchObject({ TokenRefused: 1 });

  // The secret says nothing new: it is looked at once more, and LaunchDarkly is not.
  expect(await invoke(scheduledTime)).toEqual({ ended: refusal(7, scheduledTime), answered: [], refused: ['api-mistyped'], reads: 1 });

  scene.secrets.secrets.set(secretId, 'api-fourth');
  expect(await invoke(scheduledTime)).toEqual({
    ended: published(scheduledTime),
    answered: keys.slice(7),
    refused: ['api-mistyped'],
    reads: 1,
  });
  expect(lambda.committed(scheduledTime)).toMatchObject({ status: 'complete', requests_total: 1 + groups });
});

test('no log line of all of the above holds a token or a target that succeeded', () => {
  for (const token of ['api-second', 'api-third', 'api-mistyped', 'api-fourth']) expect(lambda.logs()).not.toContain(token);
  expectCleanLogs(scene);
});
