import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../lambda/clock.ts';
import { commitObject, partObject, planObject, sealObject } from '../../lambda/contract/objects.ts';
import type { SyncError } from '../../lambda/errors.ts';
import { extractPlannedSlices } from '../../lambda/steps/extract-planned-slices.ts';
import { planSnapshot } from '../../lambda/steps/plan-snapshot.ts';
import { publishExtracted } from '../../lambda/steps/publish-extracted.ts';
import type { SyncEvent, SyncJob } from '../../lambda/sync-job.ts';
import { failWith, hang, onGroups } from '../launchdarkly/faults.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { createMemoryOutput, type MemoryOutput } from '../memory-output.ts';
import { jobOf, presentSnapshot, readLines, runSync, tablesOf } from '../run-sync.ts';

const servers: SimulatedLaunchDarkly[] = [];
afterAll(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Steps = {
  readonly server: SimulatedLaunchDarkly;
  readonly output: MemoryOutput;
  readonly events: SyncEvent[];
  readonly job: SyncJob;
  extract(slices: readonly number[], changes?: Partial<SyncJob>): ReturnType<typeof extractPlannedSlices>;
  /** Groups asked for one by one and answered otherwise than by a 429, from a request on. */
  asked(from?: number): string[];
};

async function createSteps(groups: number, clock: SyncJob['clock'] = systemClock): Promise<Steps> {
  const server = await startLaunchDarkly({
    world: createWorld({ projects: { demo: groups }, metrics: 1, experiments: 1 }),
    now: clock.now,
  });
  servers.push(server);
  const output = createMemoryOutput();
  const events: SyncEvent[] = [];
  const job = jobOf(server, output, { snapshot: presentSnapshot(), clock, onEvent: (event) => events.push(event) });
  return {
    server,
    output,
    events,
    job,
    extract: (slices, changes) => extractPlannedSlices({ ...job, ...changes }, new Set(slices)),
    asked: (from = 0) =>
      server.requests
        .slice(from)
        .flatMap(({ route, rateLimited, metricGroupKey }) => (route === 'single' && !rateLimited ? [metricGroupKey ?? ''] : [])),
  };
}

const failure = (work: Promise<unknown>): Promise<SyncError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );

describe('plan, extract and publish', () => {
  test('make the objects of a sync, from as many requests', async () => {
    const { server, output, job, extract, asked } = await createSteps(201);
    const { snapshot } = job;
    expect(await planSnapshot(job)).toEqual({ state: 'planned', targetCount: 201, sliceCount: 3 });
    expect(output.created).toEqual([planObject(snapshot)]);
    expect(await extract([1])).toEqual({ kind: 'extracted', slices: [{ slice: 1, statuses: Array(100).fill('succeeded') }] });
    expect(output.created.slice(1)).toEqual([partObject(snapshot, '00001-00000')]);
    expect(await extract([2, 0])).toMatchObject({ kind: 'extracted', slices: [{ slice: 2 }, { slice: 0 }] });
    const { row, alreadyPublished } = await publishExtracted({ ...job, runId: 'run-3' });
    expect([row.run_id, row.requests_total, alreadyPublished]).toEqual(['run-3', 206, false]);
    expect([asked().length, new Set(asked()).size, server.requests.length]).toEqual([201, 201, 206]);

    const whole = createMemoryOutput();
    await runSync(server, whole, { snapshot });
    expect([...output.objects.keys()].sort()).toEqual([...whole.objects.keys()].sort());
    expect(tablesOf(output.objects)).toEqual(tablesOf(whole.objects));
  });

  test('publishing writes byte for byte what a sync makes of the same answers', async () => {
    const { server, output: whole, job } = await createSteps(101);
    // The same instant at every look: what is left to differ is the answers.
    const clock = { now: () => job.snapshot.atMs + 1000, elapsed: systemClock.elapsed };
    await runSync(server, whole, { snapshot: job.snapshot, clock });
    const answers = [...whole.objects].filter(([object]) => /plan\.jsonl\.gz$|\/parts\//.test(object));
    const output = createMemoryOutput(new Map(answers));
    const { row } = await publishExtracted({ ...job, output, clock });
    expect([...output.objects].sort()).toEqual([...whole.objects].sort());
    expect(readLines(output.objects.get(commitObject(job.snapshot)))).toEqual([row]);
  });

  test('a sync goes on from steps, and steps from a sync', async () => {
    const { server, output, job, extract, asked } = await createSteps(101);
    await planSnapshot(job);
    await extract([1]);
    const before = server.requests.length;
    await runSync(server, output, { snapshot: job.snapshot });
    expect(asked(before)).toHaveLength(100);
    const after = server.requests.length;
    expect(await planSnapshot(job)).toEqual({ state: 'published', targetCount: 101, sliceCount: 2 });
    expect(await extract([0, 1])).toEqual({ kind: 'decided' });
    expect(await publishExtracted(job)).toMatchObject({ alreadyPublished: true, row: { targets_succeeded: 101 } });
    expect(server.requests.length).toBe(after);
  });

  test('each may be repeated: nothing is asked or written twice', async () => {
    const { server, output, job, extract } = await createSteps(101);
    for (let time = 0; time < 2; time++) {
      await planSnapshot(job);
      await extract([0]);
      await extract([1]);
    }
    expect(server.requests.filter(({ route }) => route === 'single')).toHaveLength(101);
    expect(output.created).toHaveLength(3);
    expect(await publishExtracted(job)).toMatchObject({ alreadyPublished: false, row: { run_id: 'run-1' } });
    expect(await publishExtracted({ ...job, runId: 'run-2' })).toMatchObject({ alreadyPublished: true, row: { run_id: 'run-1' } });
    expect(output.created).toHaveLength(3 + 6);
  });

  test('extracting reads of the parts those of its slices alone', async () => {
    const { output, job, extract, events } = await createSteps(201);
    await planSnapshot(job);
    await extract([0, 1]);
    const read: string[] = [];
    const listed: string[] = [];
    const watched = {
      ...output,
      get: (object: string) => {
        read.push(object);
        return output.get(object);
      },
      list: (prefix: string) => {
        listed.push(prefix);
        return output.list(prefix);
      },
    };
    await extract([1], { output: watched });
    expect(read.filter((object) => object.includes('/parts/'))).toEqual([partObject(job.snapshot, '00001-00000')]);
    expect(listed).toEqual([partObject(job.snapshot, '00001-').replace('.jsonl.gz', '')]);
    expect(events.filter(({ kind }) => kind === 'planned').at(-1)).toEqual({
      kind: 'planned',
      targetCount: 100,
      isNew: false,
      answered: 100,
    });
  });
});

describe('extracting', () => {
  test('two at once on one slice both end well, and the first answer counts; so do two that publish', async () => {
    const { job, extract, output } = await createSteps(100);
    await planSnapshot(job);
    await Promise.all([extract([0]), extract([0])]);
    expect([...output.objects.keys()].filter((object) => object.includes('/parts/'))).toHaveLength(2);
    const published = await Promise.all(['run-1', 'run-2'].map((runId) => publishExtracted({ ...job, runId })));
    for (const { row } of published) expect(row).toMatchObject({ status: 'complete', targets_succeeded: 100, metric_group_rows: 100 });
    expect(published[0]?.row).toEqual(published[1]?.row);
  });

  test('asks again for what has an outcome and no answer, and for nothing else', async () => {
    const { server, job, extract, asked } = await createSteps(101);
    await planSnapshot(job);
    const [first = ''] = [...server.world.keys('demo')].sort();
    server.setFaults([failWith(onGroups(first), 503)]);
    expect(await extract([0])).toMatchObject({ slices: [{ statuses: expect.arrayContaining(['failed']) }] });
    server.setFaults([]);
    const before = server.requests.length;
    expect(await extract([0])).toMatchObject({ slices: [{ statuses: Array(100).fill('succeeded') }] });
    expect(asked(before)).toEqual([first]);
  });

  test('out of time: what was answered is kept, and the next turn asks for the rest alone', async () => {
    const { server, job, extract, asked } = await createSteps(100);
    await planSnapshot(job);
    const last = [...server.world.keys('demo')].sort().at(-1) ?? '';
    server.setFaults([hang(onGroups(last))]);
    const cut = await extract([0], { maxRunMs: 1_500 });
    expect(cut).toMatchObject({ kind: 'unfinished', settledNow: 99, nextInMs: 0, reason: { kind: 'out_of_time' } });
    expect(cut).toMatchObject({ reason: { message: expect.stringContaining('99 of 100 targets are settled and kept') } });
    server.setFaults([]);
    const before = server.requests.length;
    expect(await extract([0])).toMatchObject({ kind: 'extracted' });
    expect(asked(before)).toEqual([last]);
  });

  test('a wait for a budget that is longer than its time ends it at once, and no target is asked for twice', async () => {
    let passedMs = 0;
    const clock = { now: () => Date.now() + passedMs, elapsed: () => systemClock.elapsed() + passedMs };
    const { server, job, extract, asked } = await createSteps(30, clock);
    await planSnapshot(job);
    server.setBudget({ windowMs: 10_000, anchored: 'first-request', families: { route: { limit: 12 } } });
    const turns = [];
    const before = server.requests.length;
    for (;;) {
      const turn = await extract([0], { maxRunMs: 6_000 });
      turns.push(turn.kind);
      if (turn.kind !== 'unfinished') break;
      expect(turn.settledNow).toBeGreaterThan(0);
      expect(turn.nextInMs).toBeGreaterThan(4_000);
      // No turn is under way meanwhile: the clocks of both sides may jump.
      passedMs += turn.nextInMs;
    }
    expect(turns).toEqual(['unfinished', 'unfinished', 'extracted']);
    expect(asked(before).sort()).toEqual([...server.world.keys('demo')].sort());
  });

  test('turns of several children, side by side and one after the other, keep to the setting together', async () => {
    const { server, job, extract } = await createSteps(320);
    await planSnapshot(job);
    const before = server.requests.length;
    const children = 3;
    const queue = [0, 1, 2, 3];
    const child = async (): Promise<void> => {
      for (let slice = queue.shift(); slice !== undefined; slice = queue.shift())
        await extract([slice], { launchDarkly: { ...job.launchDarkly, maxRequestsPerSecond: 180 / children, maxConcurrentRequests: 2 } });
    };
    await Promise.all(Array.from({ length: children }, child));
    const startsMs = server.requests.slice(before).map(({ at }) => at);
    expect(startsMs).toHaveLength(320);
    const most = Math.max(...startsMs.map((fromMs) => startsMs.filter((ms) => ms >= fromMs && ms < fromMs + 1000).length));
    // Requests travel for some milliseconds more or less: a second at the server may see what left within a little more.
    expect(most).toBeLessThanOrEqual(180 + 2 * children);
  });
});

describe('what is refused', () => {
  test('steps before the plan name what is missing, and ask nothing', async () => {
    const { server, job, extract } = await createSteps(3);
    for (const work of [extract([0]), publishExtracted(job)]) {
      expect(await failure(work)).toMatchObject({
        kind: 'configuration',
        message: `snapshot ${job.snapshot.id} has no plan in this output: plan it first, and check output and instant`,
      });
    }
    expect(server.requests).toEqual([]);
  });

  test('slices beyond the plan, and another treatment of maintainers', async () => {
    const { job, extract, asked } = await createSteps(101);
    await planSnapshot(job);
    expect(await failure(extract([1, 2, 3]))).toMatchObject({
      kind: 'configuration',
      message: 'the plan has the slices 0-1, and not 2-3: print it with `plan`',
    });
    expect(await failure(extract([0], { maintainerDetails: 'omit' }))).toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('was planned with MAINTAINER_DETAILS=keep (this run has omit)'),
    });
    expect(asked()).toEqual([]);
  });

  test('publishing before every target has an outcome names the slices to extract, and seals nothing', async () => {
    const { job, extract, output } = await createSteps(301);
    await planSnapshot(job);
    await extract([1]);
    expect(await failure(publishExtracted(job))).toMatchObject({
      kind: 'not_published',
      message: `not every target has an outcome: extract slices 0, 2-3 first; 100 of 301 targets are settled and kept in snapshot ${job.snapshot.id}`,
    });
    expect(output.objects.has(sealObject(job.snapshot))).toBe(false);
  });

  test('a subset stays one: its plan says so', async () => {
    const { server, job, extract } = await createSteps(3);
    const [metricGroupKey = ''] = server.world.keys('demo');
    await planSnapshot({ ...job, scope: 'subset', takeTargets: () => [{ projectKey: 'demo', metricGroupKey }] });
    await extract([0]);
    expect((await publishExtracted(job)).row).toMatchObject({ scope: 'subset', targets_total: 1 });
  });
});
