import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitObject, partObject, snapshotAt, targetsPerSlice } from '../../lambda/contract/objects.ts';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { type SimulatedSecretsManager, startSecretsManager } from '../aws/secrets-manager-server.ts';
import { failWith, hang, onGroups } from '../launchdarkly/faults.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { readLines } from '../run-sync.ts';
import { bundleSteps, sourcesOf } from './bundle-handler.ts';
import { type InvocationEnd, type LambdaProcess, startLambda } from './lambda-process.ts';

type Step = 'plan' | 'extract' | 'publish';
type Machine = Record<Step, LambdaProcess>;

const secretId = 'metric-group-sync/token';
const groups = 115;
const prefix = 'out';
let folder: string;
let bundles: Record<Step, string>;
let launchDarkly: SimulatedLaunchDarkly;
let s3: SimulatedS3;
let secrets: SimulatedSecretsManager;
/** One environment of each function for all of the invocations, warm after the first: each test has a snapshot of its own. */
let machine: Machine;
/** By how much LaunchDarkly's clock was turned on. */
let passedMs = 0;
const started: LambdaProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'steps-'));
  bundles = bundleSteps(folder);
  launchDarkly = await startLaunchDarkly({
    world: createWorld({ projects: { demo: groups }, metrics: 1, experiments: 1 }),
    now: () => Date.now() + passedMs,
  });
  s3 = await startS3({ buckets: ['warehouse', 'lists'] });
  secrets = await startSecretsManager({ secrets: { [secretId]: launchDarkly.token } });
  const body = Buffer.from(JSON.stringify([{ projectKey: 'demo', metricGroupKey: '*' }]));
  s3.objects.set('lists/targets.json', { body, metadata: {}, contentType: 'application/json' });
  const [plan, extract, publish] = await Promise.all((['plan', 'extract', 'publish'] as const).map((step) => start(step)));
  if (plan !== undefined && extract !== undefined && publish !== undefined) machine = { plan, extract, publish };
}, 120_000);
afterAll(async () => {
  await Promise.all([...started.map((lambda) => lambda.close()), launchDarkly.close(), s3.close(), secrets.close()]);
  rmSync(folder, { recursive: true });
});

/** A function with what the stack gives it: publishing has no secret, and only planning a list. */
async function start(step: Step, more: Readonly<Record<string, string>> = {}): Promise<LambdaProcess> {
  const common = { ...s3.environment, OUTPUT_URI: `s3://warehouse/${prefix}`, POWERTOOLS_SERVICE_NAME: 'metric-group-sync' };
  const ask = { ...secrets.environment, ACCESS_TOKEN_SECRET_ID: secretId, LAUNCHDARKLY_BASE_URL: launchDarkly.url, MAX_ATTEMPTS: '1' };
  const asking = { ...common, ...ask, MAX_REQUESTS_PER_SECOND: '500' };
  const environments = { plan: { ...asking, TARGETS_URI: 's3://lists/targets.json' }, extract: asking, publish: common };
  const lambda = await startLambda(bundles[step], { ...environments[step], ...more });
  started.push(lambda);
  return lambda;
}

let minutesAgo = 60;
/** An instant that no other test has. */
const nextInstant = (): string => new Date(Math.floor(Date.now() / 1000) * 1000 - minutesAgo-- * 60_000).toISOString().replace('.000', '');
const objectsOf = (scheduledTime: string): string[] =>
  [...s3.objects.keys()]
    .filter((key) => key.startsWith(`warehouse/${prefix}/`) && key.includes(snapshotAt(Date.parse(scheduledTime)).id))
    .map((key) => key.slice(`warehouse/${prefix}/`.length));
const resultOf = (end: InvocationEnd): Record<string, unknown> => {
  if (end.kind !== 'response') throw new Error(JSON.stringify(end));
  return end.value;
};

describe('the three functions of a distributed deployment', () => {
  test('hand each other what the state machine passes on, and publish what they extracted', async () => {
    const scheduledTime = nextInstant();
    const planned = resultOf(await machine.plan.invoke({ scheduledTime, maxFailedPercent: 10 }));
    expect(planned).toEqual({ scheduledTime, slices: 2, targetCount: groups, maxFailedPercent: 10, maxShrinkPercent: null });
    for (const slice of [1, 0]) {
      const event = { scheduledTime, slice, maxFailedPercent: 10 };
      expect(resultOf(await machine.extract.invoke(event))).toEqual({ ...event, isFinished: true, waitSeconds: 0 });
    }
    const row = resultOf(await machine.publish.invoke(planned));
    const snapshot = snapshotAt(Date.parse(scheduledTime));
    expect([row]).toEqual(readLines(s3.objects.get(`warehouse/${prefix}/${commitObject(snapshot)}`)?.body));
    expect(row).toMatchObject({ status: 'complete', scope: 'full', targets_succeeded: groups });
    expect(
      objectsOf(scheduledTime)
        .filter((object) => object.includes('/parts/'))
        .sort(),
    ).toEqual(['00000-00000', '00001-00000'].map((name) => partObject(snapshot, name)));
    expect(machine.publish.logs()).toContain('"PublishedSnapshots":1');
  });

  test('all of it again, and after a commit: nothing is to be extracted, nothing is asked, the row is the same', async () => {
    const scheduledTime = nextInstant();
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
    const [metricGroupKey] = launchDarkly.world.keys('demo');
    const event = { scheduledTime: nextInstant(), targets: [{ projectKey: 'demo', metricGroupKey }] };
    const planned = resultOf(await machine.plan.invoke(event));
    expect(planned).toMatchObject({ slices: 1, targetCount: 1 });
    await machine.extract.invoke({ ...planned, slice: 0 });
    expect(resultOf(await machine.publish.invoke(planned))).toMatchObject({ scope: 'subset', targets_total: 1 });
  });

  test('without an instant it is now, and the result names it for the steps to come', async () => {
    const { scheduledTime } = resultOf(await machine.plan.invoke({}));
    expect(Math.abs(Date.now() - Date.parse(String(scheduledTime)))).toBeLessThan(10_000);
  });
});

describe('a turn', () => {
  test('that would wait longer than it has left ends, says for how long, and the next one asks for the rest alone', async () => {
    const scheduledTime = nextInstant();
    await machine.plan.invoke({ scheduledTime });
    launchDarkly.setBudget({ windowMs: 10_000, anchored: 'first-request', families: { route: { limit: 10 } } });
    const before = launchDarkly.requests.length;
    const turns: Record<string, unknown>[] = [];
    let event: Record<string, unknown> = { scheduledTime, slice: 1 };
    do {
      event = resultOf(await machine.extract.invoke(event, 6_000));
      turns.push(event);
      passedMs += Number(event['waitSeconds']) * 1000;
    } while (event['isFinished'] !== true && turns.length < 6);
    launchDarkly.setBudget(undefined);
    expect(turns).toHaveLength(2);
    expect(turns[0]).toEqual({ scheduledTime, slice: 1, maxFailedPercent: null, isFinished: false, waitSeconds: expect.any(Number) });
    expect(turns[0]?.['waitSeconds']).toBeGreaterThan(3);
    expect(turns[0]?.['waitSeconds']).toBeLessThanOrEqual(12);
    const answered = launchDarkly.requests.slice(before).filter(({ rateLimited }) => !rateLimited);
    expect(new Set(answered.map(({ metricGroupKey }) => metricGroupKey)).size).toBe(answered.length);
    expect(answered).toHaveLength(groups - targetsPerSlice);
  });

  test('killed by the time limit: what it wrote is kept, and another environment goes on', async () => {
    const scheduledTime = nextInstant();
    await machine.plan.invoke({ scheduledTime });
    s3.faults = [{ match: ({ key }) => key.includes('/parts/'), effect: { delayMs: 20_000 } }];
    expect(await machine.extract.invoke({ scheduledTime, slice: 0 }, 1_500)).toEqual({ kind: 'timed out' });
    s3.faults = [];
    machine.extract = await start('extract');
    expect(resultOf(await machine.extract.invoke({ scheduledTime, slice: 0 }))).toMatchObject({ isFinished: true });
  });

  test('that settled nothing and waited for nothing is an error: it would be repeated for ever', async () => {
    const scheduledTime = nextInstant();
    await machine.plan.invoke({ scheduledTime });
    launchDarkly.setFaults([hang(onGroups(...launchDarkly.world.keys('demo')))]);
    const stuck = await machine.extract.invoke({ scheduledTime, slice: 1 }, 2_500);
    launchDarkly.setFaults([]);
    expect(stuck).toMatchObject({
      kind: 'error',
      errorType: 'SyncError.out_of_time',
      errorMessage: expect.stringContaining('settled none'),
    });
  });
});

describe('a pace that is too slow for a turn', () => {
  test('is an error: each turn would end before its first request, for ever', async () => {
    const scheduledTime = nextInstant();
    await machine.plan.invoke({ scheduledTime });
    const slow = await start('extract', { MAX_REQUESTS_PER_SECOND: '0.001' });
    const before = launchDarkly.requests.length;
    expect(await slow.invoke({ scheduledTime, slice: 1 }, 2_500)).toMatchObject({
      kind: 'error',
      errorType: 'SyncError.out_of_time',
      errorMessage: expect.stringContaining('settled none'),
    });
    expect(launchDarkly.requests.length).toBe(before);
  });
});

test('a turn with no answer but 429 is an error: LaunchDarkly is not waited for all day without a word', async () => {
  const scheduledTime = nextInstant();
  await machine.plan.invoke({ scheduledTime });
  launchDarkly.setFaults([failWith(({ route }) => route === 'single', 429, undefined, { 'Retry-After': '45' })]);
  const refused = await machine.extract.invoke({ scheduledTime, slice: 1 }, 5_000);
  launchDarkly.setFaults([]);
  expect(refused).toMatchObject({
    kind: 'error',
    errorType: 'SyncError.out_of_time',
    errorMessage: expect.stringContaining('settled none'),
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
    const end = await machine[step].invoke({ scheduledTime: nextInstant(), ...event });
    expect(end).toEqual({ kind: 'error', errorType: `SyncError.${kind}`, errorMessage: expect.stringMatching(message) });
  });

  test('a refused token, a slice beyond the plan, and targets without an outcome', async () => {
    const scheduledTime = nextInstant();
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
