import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitObject, partObject, planObject, sealObject, snapshotAt } from '../lambda/contract/objects.ts';
import { SyncError } from '../lambda/errors.ts';
import { always, failWith, firstTimes, hang, onGroups } from './launchdarkly/faults.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from './launchdarkly/server.ts';
import { createWorld } from './launchdarkly/world.ts';
import { createMemoryOutput } from './memory-output.ts';
import { asksOf, presentSnapshot, readLines, runSync, tablesOf } from './run-sync.ts';

const servers: SimulatedLaunchDarkly[] = [];
afterAll(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** @param size Metrics and experiments of each group: few, where they do not matter. */
async function serve(groups: number, size = { metrics: 1, experiments: 1 }): Promise<SimulatedLaunchDarkly> {
  const server = await startLaunchDarkly({ world: createWorld({ projects: { demo: groups }, ...size }) });
  servers.push(server);
  return server;
}

const failure = (work: Promise<unknown>): Promise<SyncError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error) => error,
  );
const asked = (server: SimulatedLaunchDarkly): string[] =>
  server.requests.filter(({ route }) => route === 'single').map(({ metricGroupKey }) => metricGroupKey ?? '');

describe('a whole run', () => {
  test('writes plan, parts, seal, tables and the commit, in this order', async () => {
    const server = await serve(150, { metrics: 5, experiments: 3 });
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    const { row, alreadyPublished } = await runSync(server, output, { snapshot });
    const table = (name: string): string => `tables/${name}/snapshot_date=${snapshot.date}/${snapshot.id}-00000.jsonl.gz`;
    const order = [...output.created];
    expect(order.splice(1, 2).sort()).toEqual([partObject(snapshot, '00000-00000'), partObject(snapshot, '00001-00000')]);
    expect(order).toEqual([
      planObject(snapshot),
      sealObject(snapshot),
      table('sync_targets'),
      table('metric_groups'),
      table('metric_group_metrics'),
      table('metric_group_experiments'),
      commitObject(snapshot),
    ]);
    expect(alreadyPublished).toBe(false);
    expect(readLines(output.objects.get(commitObject(snapshot)))).toEqual([row]);
    expect(row).toMatchObject({
      status: 'complete',
      scope: 'full',
      run_id: 'run-1',
      targets_total: 150,
      targets_succeeded: 150,
      requests_total: 153,
      retries_total: 0,
      metric_group_rows: 150,
      metric_group_metric_rows: 750,
      metric_group_experiment_rows: 450,
      snapshot_id: snapshot.id,
    });
  });

  test('asks once for every group, with the documented headers and both expansions', async () => {
    const server = await serve(3);
    await runSync(server, createMemoryOutput());
    const singles = server.requests.filter(({ route }) => route === 'single');
    expect(singles.map(({ path, query, headers }) => ({ path, query, headers: { ...headers, connection: '', host: '' } }))[0]).toEqual({
      path: `/api/v2/projects/demo/metric-groups/${singles[0]?.metricGroupKey}`,
      query: 'expand=experiments,experimentCount',
      headers: {
        authorization: server.token,
        'ld-api-version': 'beta',
        'user-agent': 'metric-group-sync/0.0.0-test',
        accept: 'application/json',
        'accept-encoding': 'gzip',
        connection: '',
        host: '',
      },
    });
    expect(asked(server).sort()).toEqual([...server.world.keys('demo')].sort());
  });

  test('lets targets that back off hold up no others', async () => {
    const server = await serve(10);
    const keys = [...server.world.keys('demo')].sort();
    server.setFaults([failWith(onGroups(...keys.slice(0, 3)), 503)]);
    const launchDarkly = { ...asksOf(server), maxConcurrentRequests: 1 };
    await runSync(server, createMemoryOutput(), { launchDarkly, maxFailedPercent: 50 });
    expect(asked(server).slice(0, 10)).toEqual(keys);
    expect(asked(server).slice(10).sort()).toEqual(keys.slice(0, 3));
  });

  test('a target listed by name and found by * counts once and is not discovered', async () => {
    const server = await serve(3);
    const [key = ''] = server.world.keys('demo');
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    const named = { projectKey: 'demo', metricGroupKey: key };
    await runSync(server, output, { snapshot, takeTargets: () => [{ projectKey: 'demo', metricGroupKey: '*' }, named, named] });
    const [header, ...targets] = readLines(output.objects.get(planObject(snapshot)));
    expect(header).toMatchObject({
      format: 1,
      scope: 'full',
      targets: [{ projectKey: 'demo', metricGroupKey: '*' }, named, named],
      requests: 1,
    });
    expect(targets.map(({ metric_group_key, discovered }) => [metric_group_key, discovered])).toEqual(
      [...server.world.keys('demo')].sort().map((found) => [found, found !== key]),
    );
  });

  test('finds a published snapshot, does nothing and asks nobody', async () => {
    const server = await serve(3);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    const { row } = await runSync(server, output, { snapshot });
    const before = server.requests.length;
    const created = output.created.length;
    expect(await runSync(server, output, { snapshot, runId: 'run-2' })).toMatchObject({ row, alreadyPublished: true });
    expect([server.requests.length, output.created.length]).toEqual([before, created]);
  });

  test('a commit alone is enough', async () => {
    const server = await serve(3);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    const { row } = await runSync(server, output, { snapshot });
    const alone = createMemoryOutput(new Map([[commitObject(snapshot), output.objects.get(commitObject(snapshot)) as Buffer]]));
    expect(await runSync(server, alone, { snapshot })).toMatchObject({ row, alreadyPublished: true });
  });
});

describe('killed and run again', () => {
  const snapshot = presentSnapshot();
  const undisturbed = createMemoryOutput();
  let server: SimulatedLaunchDarkly;
  beforeAll(async () => {
    server = await serve(102);
    await runSync(server, undisturbed, { snapshot });
  });

  /** Runs until the n-th create, and stops there as a kill would: before the object is there, or right after. Then runs again. */
  async function runKilledAt(point: number, moment: 'beforeCreate' | 'afterCreate' = 'beforeCreate') {
    const output = createMemoryOutput();
    let creates = 0;
    output[moment] = () => {
      if (++creates > point) throw new SyncError('output', 'killed');
    };
    await expect(runSync(server, output, { snapshot })).rejects.toThrow('killed');
    output[moment] = undefined;
    const parts = [...output.objects].filter(([object]) => object.includes('/parts/'));
    const kept = new Set(parts.flatMap(([, content]) => readLines(content).map((line) => String(line['metric_group_key']))));
    const firstAsked = server.requests.length;
    await runSync(server, output, { snapshot, runId: 'run-2' });
    const again = server.requests.slice(firstAsked).filter(({ route }) => route === 'single');
    return { output, askedAgain: again.filter(({ metricGroupKey }) => kept.has(metricGroupKey ?? '')) };
  }

  test.each(Array.from({ length: 9 }, (_, point) => point))(
    'at object %d: the tables are those of an undisturbed run, and nothing kept is asked again',
    async (point) => {
      const { output, askedAgain } = await runKilledAt(point);
      expect(tablesOf(output.objects)).toEqual(tablesOf(undisturbed.objects));
      expect(askedAgain).toEqual([]);
    },
  );

  test('right after the commit: it is found published', async () => {
    const { output, askedAgain } = await runKilledAt(8, 'afterCreate');
    expect(tablesOf(output.objects)).toEqual(tablesOf(undisturbed.objects));
    expect(askedAgain).toEqual([]);
  });

  test('after the seal nothing is asked, and whoever writes the tables writes the same bytes', async () => {
    const server = await serve(30);
    const snapshot = presentSnapshot();
    const output = createMemoryOutput();
    await runSync(server, output, { snapshot });
    const before = server.requests.length;
    const rawOnly = createMemoryOutput(new Map([...output.objects].filter(([object]) => object.startsWith('raw/'))));
    await runSync(server, rawOnly, { snapshot, runId: 'run-9', codeVersion: '9.9.9' });
    expect(rawOnly.objects).toEqual(output.objects);
    expect(server.requests.length).toBe(before);
  });
});

describe('two runs at once', () => {
  test('converge on the same rows, one seal and one commit', async () => {
    const server = await serve(230);
    const snapshot = presentSnapshot();
    const output = createMemoryOutput();
    const slow = { ...asksOf(server), maxRequestsPerSecond: 400 };
    const results = await Promise.all(
      ['run-1', 'run-2', 'run-3'].map((runId) => runSync(server, output, { snapshot, runId, launchDarkly: slow })),
    );
    expect(new Set(results.map(({ row }) => JSON.stringify(row))).size).toBe(1);
    const alone = createMemoryOutput();
    await runSync(server, alone, { snapshot });
    expect(tablesOf(output.objects)).toEqual(tablesOf(alone.objects));
    expect(output.created.filter((object) => object.endsWith('seal.json.gz'))).toHaveLength(1);
  });

  test('a part that another run wrote first is read, and the own answers go to the next number', async () => {
    const server = await serve(5);
    const snapshot = presentSnapshot();
    const output = createMemoryOutput();
    const line = {
      project_key: 'demo',
      metric_group_key: [...server.world.keys('demo')].sort()[0],
      status: 'not_found',
      http_status: 404,
      error_code: 'not_found',
    };
    const rest = { error_message: 'gone', attempts: 1, rate_limited_count: 0, duration_ms: 1, extracted_at: snapshot.at, body: null };
    output.beforeCreate = (object) => {
      if (!object.includes('/parts/00000-00000')) return;
      output.beforeCreate = undefined;
      output.objects.set(object, gzipSync(`${JSON.stringify({ ...line, ...rest })}\n`));
    };
    const { row } = await runSync(server, output, { snapshot });
    expect([...output.objects.keys()].filter((object) => object.includes('/parts/'))).toEqual([
      partObject(snapshot, '00000-00000'),
      partObject(snapshot, '00000-00001'),
    ]);
    // The first answer in the order of part names counts.
    expect(row).toMatchObject({ targets_not_found: 1, targets_succeeded: 4, requests_total: 1 + 1 + 5 });
  });
});

describe('publishes nothing', () => {
  test('when the token is refused in the middle, and keeps what was answered', async () => {
    const server = await serve(150);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    server.setFaults([failWith(({ total }) => total > 60, 401, { code: 'unauthorized', message: 'Invalid token' })]);
    const error = await failure(runSync(server, output, { snapshot }));
    expect(error).toMatchObject({ kind: 'token_refused' });
    expect(error.message).toMatch(/refused the access token \(401\).*of 150 targets are settled and kept/s);
    expect([...output.objects.keys()].some((object) => object.includes('/parts/'))).toBe(true);
    expect([...output.objects.keys()].filter((object) => object.includes('seal') || object.startsWith('tables/'))).toEqual([]);
    server.setFaults([]);
    const kept = [...output.objects].filter(([object]) => object.includes('/parts/')).flatMap(([, content]) => readLines(content)).length;
    const before = asked(server).length;
    expect(await runSync(server, output, { snapshot })).toMatchObject({ row: { status: 'complete', targets_succeeded: 150 } });
    // What was under way when the first run ended may reach the server only now.
    expect(new Set(asked(server).slice(before)).size).toBe(150 - kept);
  });

  test('and asks nothing more once a 401 came: neither the rest of the plan nor what backs off', async () => {
    const server = await serve(200);
    const targets = server.world.keys('demo').map((metricGroupKey) => ({ projectKey: 'demo', metricGroupKey }));
    const slow = server.world.keys('demo').slice(0, 3);
    server.setFaults([
      failWith(onGroups(...slow), 503),
      failWith(({ total }) => total === 20, 401, { code: 'unauthorized', message: 'Invalid token' }),
    ]);
    const begun = performance.now();
    const launchDarkly = { ...asksOf(server), maxAttempts: 6 };
    expect(await failure(runSync(server, createMemoryOutput(), { takeTargets: () => targets, launchDarkly }))).toMatchObject({
      kind: 'token_refused',
    });
    expect(server.requests.length).toBeLessThan(21 + 2 * launchDarkly.maxConcurrentRequests);
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  test('when a * cannot be listed; every such project is named and nothing is written', async () => {
    const server = await serve(3);
    const output = createMemoryOutput();
    const targets = ['demo', 'nope', 'neither'].map((projectKey) => ({ projectKey, metricGroupKey: '*' }));
    const error = await failure(runSync(server, output, { takeTargets: () => targets }));
    expect(error).toMatchObject({ kind: 'launchdarkly' });
    expect(error.message).toMatch(/project nope cannot be listed.*project neither cannot be listed/s);
    expect(output.created).toEqual([]);
  });

  test('of projects without any group', async () => {
    const server = await serve(0);
    const output = createMemoryOutput();
    expect(await failure(runSync(server, output))).toMatchObject({ kind: 'not_published' });
    expect(output.created).toEqual([]);
  });

  test('when time runs out before every target has an outcome, and says how much is left', async () => {
    const server = await serve(20);
    const key = [...server.world.keys('demo')].sort().at(-1) ?? '';
    server.setFaults([hang(onGroups(key))]);
    const error = await failure(runSync(server, createMemoryOutput(), { maxRunMs: 600 }));
    expect(error).toMatchObject({ kind: 'out_of_time' });
    expect(error.message).toMatch(
      /^time ran out: 19 of 20 targets are settled and kept in snapshot \d{8}T\d{6}Z; about 1 more of this length will finish it/,
    );
  });

  test('when more targets are without an answer than allowed', async () => {
    const server = await serve(10);
    const keys = server.world.keys('demo').slice(0, 3);
    server.setFaults([failWith(onGroups(...keys), 403, { code: 'forbidden', message: 'no' })]);
    const error = await failure(runSync(server, createMemoryOutput()));
    expect(error).toMatchObject({ kind: 'not_published' });
    expect(error.message).toContain('3 of 10 targets are without an answer, and MAX_FAILED_PERCENT=20 allows 2');
    expect((await runSync(server, createMemoryOutput(), { maxFailedPercent: 21 })).row).toMatchObject({
      status: 'partial',
      targets_forbidden: 3,
    });
  });

  test('and stops asking when more failed than allowed', async () => {
    const server = await serve(200);
    server.setFaults([failWith(always, 500)]);
    const error = await failure(
      runSync(server, createMemoryOutput(), {
        takeTargets: () => server.world.keys('demo').map((metricGroupKey) => ({ projectKey: 'demo', metricGroupKey })),
        maxFailedPercent: 1,
        launchDarkly: { ...asksOf(server), maxAttempts: 1 },
      }),
    );
    expect(error.message).toMatch(/^stopped asking: 3 of 200 targets failed in this run/);
    expect(server.requests.length).toBeLessThan(60);
  });

  test('when groups vanish, unless they are let through once', async () => {
    const server = await serve(10);
    const output = createMemoryOutput();
    const earlier = snapshotAt(Date.now() - 3_600_000);
    await runSync(server, output, { snapshot: earlier });
    for (const key of server.world.keys('demo').slice(0, 6)) server.world.delete('demo', key);
    const snapshot = presentSnapshot();
    const error = await failure(runSync(server, output, { snapshot }));
    expect(error.message).toContain(`4 groups succeeded, 6 fewer than the 10 of snapshot ${earlier.id}, and MAX_SHRINK_PERCENT=50`);
    expect((await runSync(server, output, { snapshot, maxShrinkPercent: 60 })).row).toMatchObject({
      status: 'complete',
      targets_succeeded: 4,
    });
  });

  test('when no target of a full run succeeded; a subset may', async () => {
    const server = await serve(2);
    const targets = [{ projectKey: 'demo', metricGroupKey: 'nope' }];
    expect((await failure(runSync(server, createMemoryOutput(), { takeTargets: () => targets }))).message).toContain(
      'no target of 1 succeeded',
    );
    expect((await runSync(server, createMemoryOutput(), { takeTargets: () => targets, scope: 'subset' })).row).toMatchObject({
      status: 'complete',
      targets_not_found: 1,
    });
  });

  test('of an instant too far ahead, or too far back and not sealed', async () => {
    const server = await serve(2);
    for (const [offsetMs, text] of [
      [6 * 60_000, 'ahead; up to 5 minutes are allowed'],
      [-25 * 3_600_000, 'more than 24 hours back and was never sealed'],
    ] as const) {
      const output = createMemoryOutput();
      const error = await failure(runSync(server, output, { snapshot: snapshotAt(Date.now() + offsetMs) }));
      expect(error).toMatchObject({ kind: 'configuration' });
      expect(error.message).toContain(text);
      expect([output.created, server.requests]).toEqual([[], []]);
    }
  });

  test('of a plan with other intentions, even when the snapshot is published', async () => {
    const server = await serve(2);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    await runSync(server, output, { snapshot });
    const error = await failure(runSync(server, output, { snapshot, scope: 'subset', maintainerDetails: 'hash' }));
    expect(error).toMatchObject({ kind: 'configuration' });
    expect(error.message).toContain('was planned with scope full (this run has subset) and MAINTAINER_DETAILS=keep (this run has hash)');
  });

  test('of a plan that was damaged, and says which object', async () => {
    const server = await serve(2);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    await runSync(server, output, { snapshot });
    const lines = readLines(output.objects.get(planObject(snapshot)));
    for (const damaged of [[lines[0], { project_key: 5 }], [lines[0]], [{ format: 1 }], []]) {
      const text = damaged.map((line) => `${JSON.stringify(line)}\n`).join('');
      const error = await failure(runSync(server, createMemoryOutput(new Map([[planObject(snapshot), gzipSync(text)]])), { snapshot }));
      expect(error).toMatchObject({ kind: 'output', message: expect.stringContaining(planObject(snapshot)) });
    }
  });

  test('of sealed parts that were damaged since: nothing is committed', async () => {
    const server = await serve(110);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    await runSync(server, output, { snapshot });
    const raw = [...output.objects].filter(([object]) => object.startsWith('raw/'));
    const [seal] = readLines(output.objects.get(sealObject(snapshot)));
    const part = partObject(snapshot, '00001-00000');
    const lines = readLines(output.objects.get(part));
    const gzipped = (values: unknown[]): Buffer => gzipSync(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
    const damages: [string, Buffer, string][] = [
      [sealObject(snapshot), gzipped([{ ...seal, parts: ['00000-00000'] }]), 'hold the outcomes of 100 targets, and the plan has 110'],
      [part, gzipped([...lines, ...lines]), 'its lines are not in order'],
      [part, gzipped(lines.toReversed()), 'its lines are not in order'],
      [part, gzipped(lines.map((line) => ({ ...line, body: '{}' }))), 'is no metric group'],
      [part, gzipped(lines.map((line) => ({ ...line, body: null }))), 'a line is no outcome'],
      [part, gzipped(lines.map((line) => ({ ...line, extracted_at: '","x":"' }))), 'a line is no outcome'],
    ];
    for (const [object, content, message] of damages) {
      const damaged = createMemoryOutput(new Map([...raw, [object, content]]));
      expect(await failure(runSync(server, damaged, { snapshot }))).toMatchObject({
        kind: 'output',
        message: expect.stringContaining(message),
      });
      expect(damaged.objects.has(commitObject(snapshot))).toBe(false);
    }
  });

  test('of a seal of another format', async () => {
    const server = await serve(2);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    await runSync(server, output, { snapshot });
    const [seal] = readLines(output.objects.get(sealObject(snapshot)));
    const raw = new Map([...output.objects].filter(([object]) => object.startsWith('raw/')));
    raw.set(sealObject(snapshot), gzipSync(`${JSON.stringify({ ...seal, format: 2 })}\n`));
    const error = await failure(runSync(server, createMemoryOutput(raw), { snapshot }));
    expect(error.message).toContain('was sealed by format 2, and this version writes format 1');
    expect([...raw.keys()].filter((object) => object.startsWith('tables/'))).toEqual([]);
  });
});

describe('goes on', () => {
  test('with a plan of another format: what was stored is trusted by later versions', async () => {
    const server = await serve(2);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    await runSync(server, output, { snapshot });
    const [header, ...targets] = readLines(output.objects.get(planObject(snapshot)));
    const text = [{ ...header, format: 2 }, ...targets].map((line) => `${JSON.stringify(line)}\n`).join('');
    output.objects.set(planObject(snapshot), gzipSync(text));
    expect(await runSync(server, output, { snapshot })).toMatchObject({ alreadyPublished: true });
    const unsealed = createMemoryOutput(
      new Map([...output.objects].filter(([object]) => object.includes('plan') || object.includes('/parts/'))),
    );
    expect(await runSync(server, unsealed, { snapshot })).toMatchObject({ row: { targets_succeeded: 2 } });
  });

  test('after failures: what failed is asked again after what was never asked, and an earlier outcome suffices when time runs out', async () => {
    const server = await serve(10);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    const [first = '', ...rest] = [...server.world.keys('demo')].sort();
    const others = rest.slice(-3);
    server.setFaults([failWith(onGroups(first), 500), hang(onGroups(...others))]);
    await failure(runSync(server, output, { snapshot, maxRunMs: 1_500 }));
    const before = asked(server).length;
    server.setFaults([hang(onGroups(first))]);
    const { row } = await runSync(server, output, { snapshot, maxRunMs: 1_500 });
    expect(asked(server).slice(before).sort()).toEqual([first, ...others].sort());
    expect(asked(server).at(-1)).toBe(first);
    expect(row).toMatchObject({ status: 'partial', targets_failed: 1, targets_succeeded: 9 });
  });

  test('when it is interrupted: the part is written, and the next run asks only for the rest', async () => {
    const server = await serve(120);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    const interrupt = new AbortController();
    let outcomes = 0;
    const stopped = runSync(server, output, {
      snapshot,
      interrupt: interrupt.signal,
      onEvent: ({ kind }) => {
        if (kind === 'outcome' && ++outcomes === 50) interrupt.abort(new SyncError('interrupted', 'stopped by SIGINT'));
      },
    });
    expect(await failure(stopped)).toMatchObject({
      kind: 'interrupted',
      message: expect.stringContaining('stopped by SIGINT; 50 of 120 targets are settled'),
    });
    const before = asked(server).length;
    await runSync(server, output, { snapshot });
    // What was under way when the first run ended may reach the server only now.
    expect(new Set(asked(server).slice(before)).size).toBe(70);
  });

  test('with the plan that is there when the list has changed, and says so', async () => {
    const server = await serve(3);
    const output = createMemoryOutput();
    const snapshot = presentSnapshot();
    server.setFaults([failWith(firstTimes(1, onGroups(...server.world.keys('demo'))), 401)]);
    await failure(runSync(server, output, { snapshot }));
    server.setFaults([]);
    const changed = [{ projectKey: 'demo', metricGroupKey: 'another' }];
    const { row, events } = await runSync(server, output, { snapshot, takeTargets: () => changed });
    expect(events.slice(0, 2)).toEqual([
      { kind: 'list changed' },
      { kind: 'planned', isNew: false, targetCount: 3, answered: expect.any(Number) },
    ]);
    expect(row).toMatchObject({ targets_total: 3, targets_succeeded: 3 });
  });
});
