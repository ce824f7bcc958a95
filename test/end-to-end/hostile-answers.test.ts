import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import { SyncError } from '../../lambda/errors.ts';
import { createDirectoryOutput } from '../../lambda/output/directory-output.ts';
import * as faults from '../launchdarkly/faults.ts';
import { nestedBody, notJsonBodies, oddBodies, sizedBody } from '../launchdarkly/odd-bodies.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { runSync } from '../run-sync.ts';
import { listFiles, readLines, readOutcomes, readTable } from './read-output.ts';
import { createScene, inProcess, type Scene, target } from './scene.ts';

const mebibyte = 1 << 20;

/** Runs a sync of groups that each have a fault, and fails where an outcome is another than expected. */
async function expectOutcomes(
  context: Parameters<typeof createScene>[0],
  requestTimeoutMs: number,
  cases: Readonly<Record<string, readonly [fault: (match: faults.Match) => faults.Fault, outcome: object]>>,
): Promise<void> {
  const world = createWorld({ projects: { storefront: 1 } });
  const good = world.get('storefront', 'checkout-funnel-000000');
  for (const key of Object.keys(cases)) world.set('storefront', key, { ...good, key });
  const scene = await createScene(context, {
    ...inProcess,
    world,
    targets: Object.keys(cases).map((key) => target(`storefront/${key}`)),
    faults: Object.entries(cases).map(([key, [create]]) => create(faults.onGroups(key))),
  });
  const flags = ['--max-failed-percent', '100', '--max-attempts', '2', '--request-timeout-ms', String(requestTimeoutMs)];
  const only = Object.keys(cases).flatMap((key) => ['--only', `storefront/${key}`]);
  const { exitCode, stderr } = await scene.run('sync', [...flags, ...only]);
  expect(exitCode, stderr).toBe(3);
  const outcomes = readOutcomes(scene.output);
  for (const [key, [, outcome]] of Object.entries(cases)) {
    expect(outcomes[`storefront/${key}`], key).toMatchObject({ error_message: expect.stringMatching(/./), ...outcome });
  }
}

/** The message of the foreseen error with which a sync in this process ends. */
async function syncHere(scene: Scene): Promise<string> {
  const targets = JSON.parse(readFileSync(scene.targets, 'utf8'));
  // A minute ahead, so that it is no snapshot of a command before.
  const snapshot = snapshotAt(Date.now() + 60_000);
  const sync = runSync(scene.launchDarkly, createDirectoryOutput(scene.output), { takeTargets: () => targets, snapshot });
  const error = await sync.catch((thrown: unknown) => thrown);
  if (!(error instanceof SyncError)) throw error;
  return error.message;
}

describe.concurrent('hostile answers', () => {
  it('ends each target by the contract, whatever its body, and crashes on none', async ({ expect, ...context }) => {
    const world = createWorld({ projects: {} });
    const bodies = [
      ...oddBodies,
      ...notJsonBodies.map((odd) => ({ ...odd, expected: 'invalid' })),
      { name: 'nested ten thousand deep', body: nestedBody(10_000), expected: 'invalid' },
      { name: 'nothing but brackets', body: '['.repeat(mebibyte), expected: 'invalid' },
      { name: 'a byte more than sixteen mebibytes', body: sizedBody(16 * mebibyte + 1), expected: 'invalid' },
    ];
    const names = bodies.map((_odd, index) => `p-${String(index).padStart(3, '0')}/odd`);
    for (const [index, { body }] of bodies.entries()) world.set(`p-${String(index).padStart(3, '0')}`, 'odd', body);
    const scene = await createScene(context, { ...inProcess, world, targets: names.map(target) });
    const flags = ['--json', '--max-failed-percent', '100', '--max-attempts', '1', '--request-timeout-ms', '10000'];
    const { exitCode, stdout, stderr } = await scene.run('sync', flags);
    expect(exitCode, stderr).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'partial', targets_failed: 0, targets_total: bodies.length });

    const outcomes = readOutcomes(scene.output);
    const wrong = bodies.flatMap(({ name, expected }, index) => {
      const { status, error_message: message } = outcomes[names[index] ?? ''] ?? {};
      const isTold = status === 'succeeded' ? message === null : typeof message === 'string' && message !== '';
      return status === expected && isTold ? [] : [`${name}: ${status} (${message}), not ${expected}`];
    });
    expect(wrong).toEqual([]);
    expect(outcomes[names.at(-1) ?? '']).toMatchObject({ http_status: 200, error_code: 'invalid_body', attempts: 1 });
    expect(listFiles(scene.folder).every((file) => file === 'targets.json' || /^output\/(raw|tables)\//.test(file))).toBe(true);

    const rowsOf = (name: string): Record<string, unknown>[] => {
      const place = names[bodies.findIndex((odd) => odd.name === name)]?.split('/')[0];
      return readTable(scene.output, 'metric_groups').filter(({ project_key }) => project_key === place);
    };
    expect(rowsOf('ten thousand metrics')).toMatchObject([{ metric_count: 10_000 }]);
    expect(String(rowsOf('a description of a megabyte')[0]?.['description'])).toHaveLength(5 * (1 << 18));
    expect(rowsOf('lone surrogates in texts')).toMatchObject([{ name: 'half \ufffd name', description: '\ufffd' }]);
    expect(rowsOf('a number too large for a double in an unknown field')[0]?.['extra_json']).toContain('"zHuge":1e400');
    expect(rowsOf('__proto__ as a field of the group')[0]?.['extra_json']).toContain(
      '"__proto__":{"name":"from the prototype","polluted":true}',
    );
  });

  it('gives up endless and exploding answers at 16 MiB, and asks again where a connection is cut', async ({ expect, ...context }) => {
    const tooLarge = { status: 'invalid', http_status: 200, error_code: 'invalid_body', attempts: 1 };
    const cut = { status: 'failed', http_status: null, error_code: 'network', attempts: 2 };
    await expectOutcomes(context, 20_000, {
      bomb: [(match) => faults.gzipBomb(match, 20), { ...tooLarge, error_message: expect.stringContaining('16 MiB') }],
      endless: [faults.endlessBody, { ...tooLarge, error_message: expect.stringContaining('16 MiB') }],
      'half-reset': [faults.resetMidBody, cut],
      'no-gzip': [(match) => faults.changeHeaders(match, { 'Content-Encoding': 'gzip' }), cut],
      page: [(match) => faults.answerHtml(match, 502), { ...cut, http_status: 502, error_code: 'http_502' }],
      reset: [faults.resetBeforeAnswer, cut],
      truncated: [faults.truncateJson, { ...tooLarge, attempts: 2 }],
    });
  });

  it('gives up trickling and silent answers in bounded time', async ({ expect, ...context }) => {
    const slow = { status: 'failed', http_status: null, error_code: 'timeout', attempts: 2 };
    const startedAtMs = Date.now();
    await expectOutcomes(context, 800, {
      silent: [faults.hang, slow],
      'silent-body': [(match) => faults.hang(match, 'headers'), slow],
      'silent-half': [(match) => faults.hang(match, 'half-body'), slow],
      trickle: [(match) => faults.trickle(match, 20), slow],
      'trickle-endless': [(match) => faults.trickle(match, 20, true), slow],
    });
    expect(Date.now() - startedAtMs).toBeLessThan(30_000);
  });

  it('follows no redirect, so that no other host sees the token or anything else', async ({ expect, ...context }) => {
    const seen: string[] = [];
    const other = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end('{}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    context.onTestFinished(() => new Promise<void>((resolve) => other.close(() => resolve())));
    const { port } = other.address() as AddressInfo;
    const statuses = [300, 301, 302, 303, 305, 307, 308];
    const places = [
      `http://127.0.0.1:${port}/api/v2/caller-identity`,
      `//127.0.0.1:${port}/`,
      `http://localhost:${port}/`,
      '/elsewhere',
      'not a URL',
    ];
    const redirects = statuses.flatMap((status) => places.map((place, index) => ({ key: `r-${status}-${index}`, status, place })));
    const scene = await createScene(context, {
      ...inProcess,
      targets: redirects.map(({ key }) => target(`storefront/${key}`)),
      faults: [
        ...redirects.map(({ key, status, place }) => faults.redirectTo(faults.onGroups(key), place, status)),
        faults.redirectTo(faults.onRoute('list'), places[0] ?? ''),
      ],
    });
    const { exitCode, stderr } = await scene.run('sync', [
      '--max-failed-percent',
      '100',
      ...redirects.flatMap(({ key }) => ['--only', `storefront/${key}`]),
    ]);
    expect(exitCode, stderr).toBe(3);
    const outcomes = Object.values(readOutcomes(scene.output));
    expect(outcomes.map(({ status, attempts }) => [status, attempts])).toEqual(redirects.map(() => ['invalid', 1]));
    expect(outcomes.map(({ http_status }) => http_status)).toEqual(redirects.map(({ status }) => status));
    scene.writeTargets([target('storefront/*'), target('storefront/r-302-0')]);
    expect(await scene.run('check')).toMatchObject({ exitCode: 1, stderr: '' });
    expect(await syncHere(scene)).toContain('302');
    expect(await scene.run('discover', ['--project', 'storefront'])).toMatchObject({ exitCode: 1, stdout: '' });
    expect(seen).toEqual([]);
  });

  it('lists odd keys without a request for them, and no file or path comes of any', async ({ expect, ...context }) => {
    const world = createWorld({ projects: { storefront: 1 } });
    const keys = ['../../escaped', '/etc/passwd', '..', '', 'a b', 'k'.repeat(257), '\ud800', 'new\nline', '\u001b[31mred', '__proto__'];
    for (const key of keys) world.set('storefront', key, { _id: `id-${key}`, key, name: key });
    const scene = await createScene(context, { ...inProcess, world });
    const { exitCode, stdout, stderr } = await scene.run('sync', ['--max-failed-percent', '100']);
    expect(exitCode, stderr).toBe(3);
    const statuses = Object.fromEntries(readTable(scene.output, 'sync_targets').map((row) => [row['metric_group_key'], row['error_code']]));
    expect(statuses).toEqual({
      ...Object.fromEntries(keys.map((key) => [key.toWellFormed(), 'invalid_key'])),
      ['__proto__']: 'invalid_body',
      'checkout-funnel-000000': null,
    });
    expect(
      scene.launchDarkly.requests
        .filter(({ route }) => route === 'single')
        .map(({ metricGroupKey }) => metricGroupKey)
        .sort(),
    ).toEqual(['__proto__', 'checkout-funnel-000000']);
    for (const text of [stdout, stderr]) expect(text).not.toContain('\u001b');
    expect(listFiles(scene.folder).every((file) => file === 'targets.json' || /^output\/(raw|tables)\//.test(file))).toBe(true);
    const discovered = await scene.run('discover', ['--project', 'storefront']);
    expect(JSON.parse(discovered.stdout)).toEqual([target('storefront/checkout-funnel-000000'), target('storefront/__proto__')]);
    expect(discovered.stderr).not.toContain('\u001b');
  });

  it('publishes nothing of a listing it cannot trust', async ({ expect, ...context }) => {
    const listing = faults.onRoute('list');
    const bodies = ['{"items":[{"key":7}],"totalCount":1}', '{"items":[],"totalCount":-1}', `{"items":${'['.repeat(10_000)}`];
    const scene = await createScene(context, inProcess);
    const endings: [string, faults.Fault][] = [
      ...bodies.map((body): [string, faults.Fault] => [body.slice(0, 20), faults.failWith(listing, 200, body)]),
      ['a page that repeats', faults.failWith(listing, 200, { items: [{ key: 'again' }], totalCount: 2 })],
      ['gzip bomb', faults.gzipBomb(listing, 20)],
    ];
    for (const [name, fault] of endings) {
      scene.launchDarkly.setFaults([fault]);
      expect(await syncHere(scene), name).toContain('storefront cannot be listed');
    }
    const { exitCode, stdout, stderr } = await scene.run('sync', ['--max-attempts', '1']);
    expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringContaining('storefront cannot be listed')]);
    expect(readLines(scene.output, /plan/)).toEqual([]);
  });
});
