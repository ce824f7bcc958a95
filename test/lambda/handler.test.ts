import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitObject, snapshotAt } from '../../lambda/contract/objects.ts';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { type SimulatedSecretsManager, startSecretsManager } from '../aws/secrets-manager-server.ts';
import { always, failWith, hang, onGroups } from '../launchdarkly/faults.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { readLines } from '../run-sync.ts';
import { bundleHandler } from './bundle-handler.ts';
import { type LambdaProcess, startLambda } from './lambda-process.ts';

const secretId = 'metric-group-sync/token';
const groups = 30;
let folder: string;
let bundle: string;
let launchDarkly: SimulatedLaunchDarkly;
let s3: SimulatedS3;
let secrets: SimulatedSecretsManager;
const started: LambdaProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-'));
  bundle = bundleHandler(folder);
  launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { demo: groups } }) });
  s3 = await startS3({ buckets: ['warehouse', 'lists'] });
  secrets = await startSecretsManager({ secrets: { [secretId]: launchDarkly.token } });
  const list = Buffer.from(JSON.stringify([{ projectKey: 'demo', metricGroupKey: '*' }]));
  s3.objects.set('lists/targets.json', { body: list, metadata: {}, contentType: 'application/json' });
}, 120_000);
afterAll(async () => {
  await Promise.all([...started.map((lambda) => lambda.close()), launchDarkly.close(), s3.close(), secrets.close()]);
  rmSync(folder, { recursive: true });
});

let outputs = 0;
async function start(environment: Record<string, string> = {}): Promise<{ lambda: LambdaProcess; prefix: string }> {
  const prefix = `out-${outputs++}`;
  const lambda = await startLambda(bundle, {
    ...s3.environment,
    ...secrets.environment,
    LAUNCHDARKLY_BASE_URL: launchDarkly.url,
    TARGETS_URI: 's3://lists/targets.json',
    OUTPUT_URI: `s3://warehouse/${prefix}`,
    ACCESS_TOKEN_SECRET_ID: secretId,
    MAX_REQUESTS_PER_SECOND: '500',
    MAX_ATTEMPTS: '1',
    POWERTOOLS_SERVICE_NAME: 'metric-group-sync',
    ...environment,
  });
  started.push(lambda);
  return { lambda, prefix };
}

const minuteAgo = (minutes: number): string => new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000).toISOString();
const committed = (prefix: string, scheduledTime: string): unknown =>
  readLines(s3.objects.get(`warehouse/${prefix}/${commitObject(snapshotAt(Date.parse(scheduledTime)))}`)?.body)[0];
const metricLines = (lambda: LambdaProcess): Record<string, unknown>[] =>
  lambda
    .logs()
    .split('\n')
    .filter((line) => line.includes('CloudWatchMetrics'))
    .map((line) => JSON.parse(line));

describe('the deployed bundle in the runtime client of AWS', () => {
  test('cold and warm: returns the row it committed, reads the secret once, and reports metrics', async () => {
    const { lambda, prefix } = await start();
    const [first, second] = [minuteAgo(2), minuteAgo(1)];
    const cold = await lambda.invoke({ scheduledTime: first });
    const warm = await lambda.invoke({ scheduledTime: second });
    expect(cold).toEqual({ kind: 'response', value: committed(prefix, first) });
    expect(warm).toEqual({ kind: 'response', value: committed(prefix, second) });
    expect(cold).toMatchObject({ value: { status: 'complete', scope: 'full', targets_succeeded: groups } });
    expect(secrets.requests.filter(({ secretId: asked }) => asked === secretId)).toHaveLength(1);
    expect(metricLines(lambda)[0]).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: 'MetricGroupSync', Dimensions: [['service']] }] },
      service: 'metric-group-sync',
      PublishedSnapshots: 1,
      TargetsSucceeded: groups,
      UnknownFields: 0,
    });
  });

  test('once more for a snapshot that is published: says so and asks nobody', async () => {
    const { lambda, prefix } = await start();
    const scheduledTime = minuteAgo(1);
    await lambda.invoke({ scheduledTime });
    const before = launchDarkly.requests.length;
    const again = await lambda.invoke({ scheduledTime });
    expect(again).toEqual({ kind: 'response', value: { ...(committed(prefix, scheduledTime) as object), alreadyPublished: true } });
    expect(launchDarkly.requests.length).toBe(before);
  });

  test('out of time: fails with how much is settled, and the retry goes on from there', async () => {
    const { lambda } = await start();
    const scheduledTime = minuteAgo(1);
    const last = [...launchDarkly.world.keys('demo')].sort().at(-1) ?? '';
    launchDarkly.setFaults([hang(onGroups(last))]);
    const stopped = await lambda.invoke({ scheduledTime }, 5_000);
    expect(stopped).toMatchObject({ kind: 'error', errorType: 'SyncError' });
    expect(stopped).toMatchObject({ errorMessage: expect.stringMatching(/^time ran out: 29 of 30 targets are settled and kept/) });
    launchDarkly.setFaults([]);
    const before = launchDarkly.requests.length;
    expect(await lambda.invoke({ scheduledTime })).toMatchObject({ kind: 'response', value: { status: 'complete' } });
    expect(launchDarkly.requests.slice(before).map(({ metricGroupKey }) => metricGroupKey)).toEqual([last]);
  });

  test('killed by the time limit: a new environment goes on with the same snapshot', async () => {
    const { lambda } = await start({ REQUEST_TIMEOUT_MS: '300000' });
    const scheduledTime = minuteAgo(1);
    s3.faults = [{ match: ({ key }) => key.includes('/parts/'), effect: { delayMs: 20_000 } }];
    expect(await lambda.invoke({ scheduledTime }, 2_000)).toEqual({ kind: 'timed out' });
    s3.faults = [];
    const next = await start();
    expect(await next.lambda.invoke({ scheduledTime })).toMatchObject({ kind: 'response', value: { status: 'complete' } });
  });

  test('a token rotated between two invocations is read again once', async () => {
    const { lambda } = await start();
    await lambda.invoke({ scheduledTime: minuteAgo(2) });
    const before = secrets.requests.length;
    launchDarkly.setFaults([
      failWith(({ path, total }) => path.length > 0 && total === 0, 401, { code: 'unauthorized', message: 'Invalid token' }),
    ]);
    secrets.secrets.set(secretId, JSON.stringify({ accessToken: launchDarkly.token }));
    // The same token under another spelling of the secret: LaunchDarkly refuses the first request alone, and the secret says nothing new.
    expect(await lambda.invoke({ scheduledTime: minuteAgo(1) })).toMatchObject({
      kind: 'error',
      errorMessage: expect.stringContaining('refused the access token (401)'),
    });
    expect(secrets.requests.length).toBe(before + 1);
    launchDarkly.setFaults([]);
    secrets.secrets.set(secretId, 'api-old-token');
    const fresh = await start();
    expect(await fresh.lambda.invoke({ scheduledTime: minuteAgo(1) })).toMatchObject({ kind: 'error' });
    secrets.secrets.set(secretId, launchDarkly.token);
    expect(await fresh.lambda.invoke({ scheduledTime: minuteAgo(1) })).toMatchObject({ kind: 'response', value: { status: 'complete' } });
    expect(fresh.lambda.logs()).toContain('the access token was rotated');
  });

  test('targets in the event make a subset, and need no list', async () => {
    const { lambda } = await start({ TARGETS_URI: '' });
    const targets = launchDarkly.world
      .keys('demo')
      .slice(0, 2)
      .map((metricGroupKey) => ({ projectKey: 'demo', metricGroupKey }));
    expect(await lambda.invoke({ scheduledTime: minuteAgo(1), targets, extra: 1, maxFailedPercent: null })).toMatchObject({
      kind: 'response',
      value: { scope: 'subset', targets_total: 2 },
    });
  });

  test('every wrong setting and event property is named, and nothing is asked', async () => {
    const { lambda } = await start({ MAX_ATTEMPTS: '0', OUTPUT_URI: 'gs://x' });
    const before = launchDarkly.requests.length;
    const settings = await lambda.invoke({});
    expect(settings).toMatchObject({
      kind: 'error',
      errorMessage: expect.stringMatching(/OUTPUT_URI is "gs:\/\/x".*MAX_ATTEMPTS is "0"/s),
    });
    const event = await lambda.invoke({ scheduledTime: 'today', targets: [{ projectKey: 'a' }], maxFailedPercent: 101 });
    expect(event).toMatchObject({
      errorMessage: expect.stringMatching(
        /scheduledTime of the event is "today".*maxFailedPercent of the event is 101.*\[0\] has no metricGroupKey/s,
      ),
    });
    expect(launchDarkly.requests.length).toBe(before);
  });

  test.each([
    ['LaunchDarkly is down', () => launchDarkly.setFaults([failWith(always, 503)]), 'cannot be listed'],
    [
      'S3 denies access',
      () => {
        s3.faults = [{ match: ({ bucket }) => bucket === 'warehouse', effect: 'AccessDenied' }];
      },
      'access denied: this needs s3:GetObject',
    ],
    [
      'the secret is gone',
      () => {
        secrets.faults = [{ match: () => true, effect: 'AccessDeniedException' }];
      },
      'secretsmanager:GetSecretValue',
    ],
  ])('%s: the invocation fails and says what to do', async (_name, breakIt, message) => {
    const { lambda } = await start();
    breakIt();
    const failed = await lambda.invoke({ scheduledTime: minuteAgo(1) });
    launchDarkly.setFaults([]);
    s3.faults = [];
    secrets.faults = [];
    expect(failed).toMatchObject({ kind: 'error', errorType: 'SyncError', errorMessage: expect.stringContaining(message) });
    expect(lambda.logs()).toContain('nothing is published');
    expect(await lambda.invoke({ scheduledTime: minuteAgo(1) })).toMatchObject({ kind: 'response', value: { status: 'complete' } });
  });

  test('no log line of all of the above holds the token or a target that succeeded', () => {
    const logs = started.map((lambda) => lambda.logs()).join('\n');
    expect(logs).not.toContain(launchDarkly.token);
    for (const key of launchDarkly.world.keys('demo').slice(0, 5)) expect(logs).not.toContain(`"${key}"`);
    for (const line of logs.split('\n').filter(Boolean)) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('when every answer is invalid nothing is published, and the metric of its alarm is written', async () => {
    const { lambda } = await start();
    launchDarkly.setFaults([failWith(onGroups(...launchDarkly.world.keys('demo')), 418, { code: 'teapot', message: 'short and stout' })]);
    const refused = await lambda.invoke({ scheduledTime: minuteAgo(1) });
    launchDarkly.setFaults([]);
    expect(refused).toMatchObject({ kind: 'error', errorMessage: expect.stringContaining('30 of 30 targets are without an answer') });
    expect(metricLines(lambda).at(-1)).toMatchObject({ TargetsInvalid: groups });
  });

  test('the bundle is small', () => {
    expect(readFileSync(join(bundle, 'index.mjs')).length).toBeLessThanOrEqual(700 * 1024);
    const { sources } = JSON.parse(readFileSync(join(bundle, 'index.mjs.map'), 'utf8')) as { sources: string[] };
    expect(sources.filter((source) => /lambda\/(cli|rebuild|load\/compare)/.test(source))).toEqual([]);
    expect(sources.some((source) => source.endsWith('lambda/publish-snapshot.ts'))).toBe(true);
  });
});
