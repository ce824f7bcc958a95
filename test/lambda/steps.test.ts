import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitObject, partObject, snapshotAt } from '../../lambda/contract/objects.ts';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { type SimulatedSecretsManager, startSecretsManager } from '../aws/secrets-manager-server.ts';
import { failWith, hang, onGroups } from '../launchdarkly/faults.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { readLines } from '../run-sync.ts';
import { bundleSteps, sourcesOf } from './bundle-handler.ts';
import { type InvocationEnd, type LambdaProcess, startLambda } from './lambda-process.ts';

type Step = 'plan' | 'extract' | 'publish';
type Machine = Record<Step, LambdaProcess> & { readonly prefix: string };

const secretId = 'metric-group-sync/token';
const groups = 130;
let folder: string;
let bundles: Record<Step, string>;
let launchDarkly: SimulatedLaunchDarkly;
let s3: SimulatedS3;
let secrets: SimulatedSecretsManager;
const started: LambdaProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'steps-'));
  bundles = bundleSteps(folder);
  launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { demo: groups } }) });
  s3 = await startS3({ buckets: ['warehouse', 'lists'] });
  secrets = await startSecretsManager({ secrets: { [secretId]: launchDarkly.token } });
  const body = Buffer.from(JSON.stringify([{ projectKey: 'demo', metricGroupKey: '*' }]));
  s3.objects.set('lists/targets.json', { body, metadata: {}, contentType: 'application/json' });
}, 120_000);
afterAll(async () => {
  await Promise.all([...started.map((lambda) => lambda.close()), launchDarkly.close(), s3.close(), secrets.close()]);
  rmSync(folder, { recursive: true });
});

let outputs = 0;
/** The three functions, each with what the stack gives it: publishing has no secret, and only planning a list. */
async function start(): Promise<Machine> {
  const prefix = `out-${outputs++}`;
  const common = { ...s3.environment, OUTPUT_URI: `s3://warehouse/${prefix}`, POWERTOOLS_SERVICE_NAME: 'metric-group-sync' };
  const ask = { ...secrets.environment, ACCESS_TOKEN_SECRET_ID: secretId, LAUNCHDARKLY_BASE_URL: launchDarkly.url, MAX_ATTEMPTS: '1' };
  const pace = { MAX_REQUESTS_PER_SECOND: '500' };
  const [plan, extract, publish] = await Promise.all([
    startLambda(bundles.plan, { ...common, ...ask, ...pace, TARGETS_URI: 's3://lists/targets.json' }),
    startLambda(bundles.extract, { ...common, ...ask, ...pace }),
    startLambda(bundles.publish, common),
  ]);
  started.push(plan, extract, publish);
  return { plan, extract, publish, prefix };
}

const minuteAgo = (minutes: number): string =>
  new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000).toISOString().replace('.000', '');
const objectsOf = ({ prefix }: Machine): string[] =>
  [...s3.objects.keys()].filter((key) => key.startsWith(`warehouse/${prefix}/`)).map((key) => key.slice(`warehouse/${prefix}/`.length));
const resultOf = (end: InvocationEnd): Record<string, unknown> => {
  if (end.kind !== 'response') throw new Error(JSON.stringify(end));
  return end.value;
};

describe('the three functions of a distributed deployment', () => {
  test('hand each other what the state machine passes on, and publish what they extracted', async () => {
    const machine = await start();
    const scheduledTime = minuteAgo(1);
    const planned = resultOf(await machine.plan.invoke({ scheduledTime, maxFailedPercent: 10 }));
    expect(planned).toEqual({ scheduledTime, slices: 2, targetCount: groups, maxFailedPercent: 10, maxShrinkPercent: null });
    for (const slice of [1, 0]) {
      const event = { scheduledTime, slice, maxFailedPercent: 10 };
      expect(resultOf(await machine.extract.invoke(event))).toEqual({ ...event, isFinished: true, waitSeconds: 0 });
    }
    const row = resultOf(await machine.publish.invoke(planned));
    const snapshot = snapshotAt(Date.parse(scheduledTime));
    expect([row]).toEqual(readLines(s3.objects.get(`warehouse/${machine.prefix}/${commitObject(snapshot)}`)?.body));
    expect(row).toMatchObject({ status: 'complete', scope: 'full', targets_succeeded: groups });
    expect(
      objectsOf(machine)
        .filter((object) => object.includes('/parts/'))
        .sort(),
    ).toEqual(['00000-00000', '00001-00000'].map((name) => partObject(snapshot, name)));
    expect(machine.publish.logs()).toContain('"PublishedSnapshots":1');
  });

  test('all of it again, and after a commit: nothing is to be extracted, nothing is asked, the row is the same', async () => {
    const machine = await start();
    const scheduledTime = minuteAgo(1);
    await machine.plan.invoke({ scheduledTime });
    for (const slice of [0, 1]) await machine.extract.invoke({ scheduledTime, slice });
    const before = launchDarkly.requests.length;
    expect(resultOf(await machine.plan.invoke({ scheduledTime }))).toMatchObject({ slices: 2 });
    expect(resultOf(await machine.extract.invoke({ scheduledTime, slice: 0 }))).toMatchObject({ isFinished: true });
    const row = resultOf(await machine.publish.invoke({ scheduledTime }));
    expect(resultOf(await machine.plan.invoke({ scheduledTime }))).toMatchObject({ slices: 0, targetCount: groups });
    expect(resultOf(await machine.publish.invoke({ scheduledTime }))).toEqual({ ...row, alreadyPublished: true });
    expect(launchDarkly.requests.length).toBe(before);
  });

  test('targets in the event make a subset, through all three', async () => {
    const machine = await start();
    const [metricGroupKey] = launchDarkly.world.keys('demo');
    const event = { scheduledTime: minuteAgo(1), targets: [{ projectKey: 'demo', metricGroupKey }] };
    const planned = resultOf(await machine.plan.invoke(event));
    expect(planned).toMatchObject({ slices: 1, targetCount: 1 });
    await machine.extract.invoke({ ...planned, slice: 0 });
    expect(resultOf(await machine.publish.invoke(planned))).toMatchObject({ scope: 'subset', targets_total: 1 });
  });

  test('without an instant it is now, and the result names it for the steps to come', async () => {
    const machine = await start();
    const { scheduledTime } = resultOf(await machine.plan.invoke({}));
    expect(Math.abs(Date.now() - Date.parse(String(scheduledTime)))).toBeLessThan(10_000);
  });
});

describe('a turn', () => {
  test('that would wait longer than it has left ends, says for how long, and the next one asks for the rest alone', async () => {
    const machine = await start();
    const scheduledTime = minuteAgo(1);
    await machine.plan.invoke({ scheduledTime });
    launchDarkly.setBudget({ windowMs: 6_000, anchored: 'first-request', families: { route: { limit: 20 } } });
    const before = launchDarkly.requests.length;
    const turns: Record<string, unknown>[] = [];
    let event: Record<string, unknown> = { scheduledTime, slice: 1 };
    do {
      event = resultOf(await machine.extract.invoke(event, 4_000));
      turns.push(event);
      await new Promise((resolve) => setTimeout(resolve, Number(event['waitSeconds']) * 1000));
    } while (event['isFinished'] !== true && turns.length < 6);
    launchDarkly.setBudget(undefined);
    expect(turns.length).toBeGreaterThan(1);
    expect(turns[0]).toEqual({ scheduledTime, slice: 1, maxFailedPercent: null, isFinished: false, waitSeconds: expect.any(Number) });
    expect(turns[0]?.['waitSeconds']).toBeGreaterThan(0);
    const answered = launchDarkly.requests.slice(before).filter(({ rateLimited }) => !rateLimited);
    expect(new Set(answered.map(({ metricGroupKey }) => metricGroupKey)).size).toBe(answered.length);
    expect(answered).toHaveLength(30);
  });

  test('killed by the time limit: what it wrote is kept, and another environment goes on', async () => {
    const machine = await start();
    const scheduledTime = minuteAgo(1);
    await machine.plan.invoke({ scheduledTime });
    s3.faults = [{ match: ({ key }) => key.includes('/parts/'), effect: { delayMs: 20_000 } }];
    expect(await machine.extract.invoke({ scheduledTime, slice: 0 }, 2_000)).toEqual({ kind: 'timed out' });
    s3.faults = [];
    const extract = await startLambda(bundles.extract, {
      ...s3.environment,
      ...secrets.environment,
      OUTPUT_URI: `s3://warehouse/${machine.prefix}`,
      ACCESS_TOKEN_SECRET_ID: secretId,
      LAUNCHDARKLY_BASE_URL: launchDarkly.url,
      MAX_REQUESTS_PER_SECOND: '500',
    });
    started.push(extract);
    expect(resultOf(await extract.invoke({ scheduledTime, slice: 0 }))).toMatchObject({ isFinished: true });
  });

  test('that settled nothing and waited for nothing is an error: it would be repeated for ever', async () => {
    const machine = await start();
    const scheduledTime = minuteAgo(1);
    await machine.plan.invoke({ scheduledTime });
    launchDarkly.setFaults([hang(onGroups(...launchDarkly.world.keys('demo')))]);
    const stuck = await machine.extract.invoke({ scheduledTime, slice: 1 }, 3_000);
    launchDarkly.setFaults([]);
    expect(stuck).toMatchObject({
      kind: 'error',
      errorType: 'SyncError.out_of_time',
      errorMessage: expect.stringContaining('settled none'),
    });
  });
});

describe('errors carry the name that the state machine tells them by', () => {
  test.each<[string, Step, Record<string, unknown>, string, RegExp]>([
    ['no plan', 'extract', { slice: 0 }, 'configuration', /has no plan in this output/],
    ['no slice', 'extract', {}, 'configuration', /^slice of the event is undefined/],
    ['a slice that is none', 'extract', { slice: 1.5 }, 'configuration', /^slice of the event is 1.5/],
    ['no plan to publish', 'publish', {}, 'configuration', /has no plan in this output/],
    ['a wrong event', 'plan', { maxFailedPercent: 101 }, 'configuration', /maxFailedPercent of the event is 101/],
  ])('%s', async (_name, step, event, kind, message) => {
    const machine = await start();
    const end = await machine[step].invoke({ scheduledTime: minuteAgo(1), ...event });
    expect(end).toEqual({ kind: 'error', errorType: `SyncError.${kind}`, errorMessage: expect.stringMatching(message) });
  });

  test('a refused token, a slice beyond the plan, and targets without an outcome', async () => {
    const machine = await start();
    const scheduledTime = minuteAgo(1);
    launchDarkly.setFaults([failWith(() => true, 401, { code: 'unauthorized', message: 'Invalid token' })]);
    expect(await machine.plan.invoke({ scheduledTime })).toMatchObject({ errorType: 'SyncError.token_refused' });
    launchDarkly.setFaults([]);
    await machine.plan.invoke({ scheduledTime });
    expect(await machine.extract.invoke({ scheduledTime, slice: 2 })).toMatchObject({
      errorType: 'SyncError.configuration',
      errorMessage: expect.stringContaining('the plan has the slices 0-1, and not 2'),
    });
    expect(await machine.publish.invoke({ scheduledTime })).toMatchObject({
      errorType: 'SyncError.not_published',
      errorMessage: expect.stringContaining('extract slices 0-1 first'),
    });
  });
});

test('each bundle is small and holds what its step needs: publishing asks nobody, and asking makes no tables', () => {
  for (const bundle of Object.values(bundles)) expect(readFileSync(join(bundle, 'index.mjs')).length).toBeLessThanOrEqual(700 * 1024);
  const strangers = (bundle: string, not: RegExp): string[] => sourcesOf(bundle).filter((source) => not.test(source));
  expect(strangers(bundles.publish, /^lambda\/(cli|extract|rebuild)/)).toEqual([]);
  for (const bundle of [bundles.plan, bundles.extract])
    expect(strangers(bundle, /^lambda\/(cli|transform|rebuild|load\/table)/)).toEqual([]);
});

test('no log line of all of the above holds the token', () => {
  const logs = started.map((lambda) => lambda.logs()).join('\n');
  expect(logs).not.toContain(launchDarkly.token);
  for (const line of logs.split('\n').filter(Boolean)) expect(() => JSON.parse(line)).not.toThrow();
});
