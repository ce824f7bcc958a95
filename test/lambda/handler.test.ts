import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLambdaScene, expectCleanLogs, type LambdaScene, minutesAgo, type SceneLambda, secretId } from './lambda-scene.ts';

const groups = 12;
let scene: LambdaScene;
/** One environment for all that needs no settings of its own. */
let shared: SceneLambda;

beforeAll(async () => {
  scene = await createLambdaScene(groups);
  shared = await scene.start();
});
afterAll(() => scene.close());

/** Instants that no other test takes, none older than a day. */
let minutes = 0;
const nextInstant = (): string => minutesAgo(++minutes);

describe('the deployed bundle in the runtime client of AWS', () => {
  test('cold and warm: returns the row it committed, reads the secret once, and reports metrics', async () => {
    const [first, second] = [nextInstant(), nextInstant()];
    const cold = await shared.invoke({ scheduledTime: first });
    const warm = await shared.invoke({ scheduledTime: second });
    expect(cold).toEqual({ kind: 'response', value: shared.committed(first) });
    expect(warm).toEqual({ kind: 'response', value: shared.committed(second) });
    expect(cold).toMatchObject({ value: { status: 'complete', scope: 'full', targets_succeeded: groups } });
    expect(scene.secrets.requests).toEqual([{ operation: 'GetSecretValue', secretId, status: 200 }]);
    expect(shared.metrics()[0]).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'MetricGroupSync', Dimensions: [['service']] }] },
      service: 'metric-group-sync',
      PublishedSnapshots: 1,
      TargetsSucceeded: groups,
      UnknownFields: 0,
    });
  });

  test('once more for a snapshot that is published: says so and asks nobody', async () => {
    const scheduledTime = nextInstant();
    await shared.invoke({ scheduledTime });
    const before = scene.launchDarkly.requests.length;
    const again = await shared.invoke({ scheduledTime });
    expect(again).toEqual({ kind: 'response', value: { ...(shared.committed(scheduledTime) as object), alreadyPublished: true } });
    expect(scene.launchDarkly.requests.length).toBe(before);
  });

  test('targets in the event make a subset, and need no list', async () => {
    const lambda = await scene.start({ TARGETS_URI: '' });
    const targets = scene.launchDarkly.world
      .keys('demo')
      .slice(0, 2)
      .map((metricGroupKey) => ({ projectKey: 'demo', metricGroupKey }));
    expect(await lambda.invoke({ scheduledTime: nextInstant(), targets, extra: 1, maxFailedPercent: null })).toMatchObject({
      kind: 'response',
      value: { scope: 'subset', targets_total: 2 },
    });
  });

  test('killed by the time limit: a new environment goes on with the same snapshot', async () => {
    const scheduledTime = nextInstant();
    scene.s3.faults = [{ match: ({ key }) => key.includes('/parts/'), effect: { delayMs: 20_000 } }];
    expect(await shared.invoke({ scheduledTime }, 4_000)).toEqual({ kind: 'timed out' });
    scene.s3.faults = [];
    expect(shared.objects(scheduledTime)).toEqual(['plan']);
    const before = scene.launchDarkly.requests.length;
    const next = await scene.start({ OUTPUT_URI: shared.outputUri });
    expect(await next.invoke({ scheduledTime })).toEqual({ kind: 'response', value: shared.committed(scheduledTime) });
    expect(scene.launchDarkly.requests.slice(before).map(({ route }) => route)).toEqual(Array(groups).fill('single'));
  });

  test('no log line of all of the above holds the token or a target that succeeded', () => {
    expectCleanLogs(scene);
  });

  test('the bundle is small', () => {
    expect(readFileSync(join(scene.bundle, 'index.mjs')).length).toBeLessThanOrEqual(700 * 1024);
    const { sources } = JSON.parse(readFileSync(join(scene.bundle, 'index.mjs.map'), 'utf8')) as { sources: string[] };
    expect(sources.filter((source) => /lambda\/(cli|rebuild|load\/compare)/.test(source))).toEqual([]);
    expect(sources.some((source) => source.endsWith('lambda/publish-snapshot.ts'))).toBe(true);
  });
});
