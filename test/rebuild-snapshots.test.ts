import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDate } from '../lambda/contract/instants.ts';
import { commitObject, partObject, planObject, type Snapshot, sealObject, snapshotAt, tableObject } from '../lambda/contract/objects.ts';
import { type DataTableName, dataTableNames } from '../lambda/contract/tables.ts';
import { SyncError } from '../lambda/errors.ts';
import type { SnapshotRebuild } from '../lambda/rebuild-snapshots.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from './launchdarkly/server.ts';
import { createWorld } from './launchdarkly/world.ts';
import { createMemoryOutput } from './memory-output.ts';
import { type Objects, type PublishedSnapshot, publishSnapshotOf, rebuildAll, textsOf, zip } from './rebuild-scene.ts';
import { readLines, runSync } from './run-sync.ts';

let server: SimulatedLaunchDarkly;
let published: PublishedSnapshot;
let snapshot: Snapshot;

beforeAll(async () => {
  server = await startLaunchDarkly({ world: createWorld({ projects: { demo: 120 }, metrics: 2, experiments: 1 }) });
  published = await publishSnapshotOf(server);
  ({ snapshot } = published);
});
afterAll(() => server.close());

/** Every table as an older version might have left it. */
const otherValues = (objects: Objects): void => {
  for (const table of dataTableNames)
    published.alterRows(objects, table, ([first, ...rows]) => [{ ...first, extracted_at: 'long ago' }, ...rows]);
  published.alterRows(objects, 'sync_snapshots', (rows) => rows.map((row) => ({ ...row, code_version: 'old' })));
};
const onlyRaw = (): Objects => new Map([...published.copy()].filter(([object]) => object.startsWith('raw/')));

function aged(age: (objects: Objects) => void): Objects {
  const objects = published.copy();
  age(objects);
  return objects;
}

/** What a person is told of the tables: rows before, rows after, rows that differ, objects written. */
function numbersOf(rebuild: SnapshotRebuild | undefined): unknown {
  if (rebuild === undefined || !('tables' in rebuild)) return rebuild;
  const tables = Object.entries(rebuild.tables);
  return tables.map(([table, { rowsBefore, rowsAfter, rowsChanged, objectsWritten }]) => [
    table,
    rowsBefore,
    rowsAfter,
    rowsChanged,
    objectsWritten,
  ]);
}

describe('a rebuild', () => {
  test('asks LaunchDarkly nothing, and touches no object that is right', async () => {
    const [asked, output] = [server.requests.length, createMemoryOutput(published.copy())];
    const [rebuild] = await published.rebuild(output);
    expect(rebuild).toMatchObject({ result: 'unchanged' });
    expect(numbersOf(rebuild)).toEqual([
      ['sync_targets', 120, 120, 0, 0],
      ['metric_groups', 120, 120, 0, 0],
      ['metric_group_metrics', 240, 240, 0, 0],
      ['metric_group_experiments', 120, 120, 0, 0],
      ['sync_snapshots', 1, 1, 0, 0],
    ]);
    expect([output.changed, output.created, server.requests.length]).toEqual([[], [], asked]);
  });

  test('counts each row that differs once, also beside rows that came or went', async () => {
    const objects = published.copy();
    published.alterRows(objects, 'metric_groups', (rows) => [
      { ...rows[0], metric_group_key: '!' },
      ...rows.slice(2, 50),
      { ...rows[50], name: 'old' },
      ...rows.slice(51),
    ]);
    const output = createMemoryOutput(objects);
    const [rebuild] = await published.rebuild(output);
    // One that goes, two that come, one that changes.
    expect(numbersOf(rebuild)).toContainEqual(['metric_groups', 119, 120, 4, 1]);
    expect(output.changed).toEqual([published.nameOf('metric_groups')]);
    published.alterRows(objects, 'metric_group_metrics', (rows) => rows.map(({ position: _, ...row }) => row));
    expect(numbersOf((await published.rebuild(output))[0])).toContainEqual(['metric_group_metrics', 240, 240, 240, 1]);
  });

  test('gives one example of a table’s differences, rather a changed row than one that came or went', async () => {
    const objects = published.copy();
    published.alterRows(objects, 'metric_groups', ([first, second, ...rows]) => [
      { ...first, metric_group_key: '!' },
      { ...second, name: 'old', zzz: 1 },
      ...rows,
    ]);
    published.alterRows(objects, 'sync_targets', ([_first, ...rows]) => rows);
    const [rebuild] = await published.rebuild(createMemoryOutput(objects), { isDryRun: true });
    const rows = readLines(published.copy().get(published.nameOf('metric_groups')));
    expect(rebuild).toMatchObject({
      tables: {
        metric_groups: {
          example: {
            kind: 'changed',
            key: `demo/${rows[1]?.['metric_group_key']}`,
            columns: [
              { name: 'name', before: 'old', after: rows[1]?.['name'] },
              { name: 'zzz', before: 1, after: undefined },
            ],
          },
        },
        sync_targets: { example: { kind: 'added', key: `demo/${rows[0]?.['metric_group_key']}` } },
      },
    });
  });

  test('ends before the next object when it is stopped, and is gone on with by the next', async () => {
    const interrupt = new AbortController();
    const objects = onlyRaw();
    const output = createMemoryOutput(objects);
    interrupt.abort(new SyncError('interrupted', 'stopped by SIGINT'));
    await expect(published.rebuild(output, { interrupt: interrupt.signal })).rejects.toThrow('stopped by SIGINT');
    expect(output.changed).toEqual([]);
    expect(await published.rebuild(output)).toMatchObject([{ result: 'published' }]);
  });

  test('rebuilds the snapshots of its dates alone, in the order of their instants', async () => {
    const days = ['2026-10-31T23:59:59Z', '2026-11-01T00:00:00Z', '2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z'];
    const output = createMemoryOutput();
    const now = (text: string) => ({ now: () => Date.parse(text), elapsed: () => performance.now() });
    const small = await startLaunchDarkly({ world: createWorld({ projects: { demo: 1 } }) });
    for (const text of days.toReversed()) await runSync(small, output, { snapshot: snapshotAt(Date.parse(text)), clock: now(text) });
    await small.close();
    const range = (from: string, to: string) => ({ range: { fromMs: parseDate(from) ?? 0, toMs: parseDate(to) ?? 0 } });
    const ids = async (from: string, to: string) => (await rebuildAll(output, range(from, to))).map(({ snapshot: { id } }) => id);
    expect(await ids('2026-11-01', '2026-11-30')).toEqual(['20261101T000000Z', '20261130T235959Z']);
    expect(await ids('2026-10-31', '2026-11-01')).toEqual(['20261031T235959Z', '20261101T000000Z']);
    expect(await ids('2000-01-01', '2030-12-31')).toHaveLength(4);
    expect(await ids('2026-11-02', '2026-11-29')).toEqual([]);
  });
});

describe('a snapshot', () => {
  const without = (...removed: RegExp[]): Objects =>
    new Map([...published.copy()].filter(([object]) => !removed.some((name) => name.test(object))));

  test.each([
    ['that is published and whose raw objects are gone is left as it is', [/^raw/], 'left_as_it_is'],
    ['that is published and has its seal alone is left as it is', [/plan/, /parts/], 'left_as_it_is'],
    ['that is published and has no seal is left as it is', [/seal/], 'left_as_it_is'],
    ['that is not sealed is skipped', [/seal/, /^tables/], 'unsealed'],
  ])('%s', async (_name, removed, result) => {
    const objects = without(...removed);
    const [before, output] = [new Map(objects), createMemoryOutput(objects)];
    expect(await published.rebuild(output)).toEqual([{ snapshot, result }]);
    expect(objects).toEqual(before);
  });

  test.each<[string, (objects: Objects) => void, string]>([
    ['a missing part', (objects) => objects.delete(partObject(snapshot, '00001-00000')), '00001-00000.jsonl.gz is gone; restore it'],
    [
      'a plan that holds a target twice',
      (objects) => {
        const lines = readLines(objects.get(planObject(snapshot)));
        objects.set(planObject(snapshot), zip([...lines, ...lines.slice(-1)]));
      },
      'plan.jsonl.gz: the order of its lines is not that of a plan',
    ],
    ['no plan', (objects) => objects.delete(planObject(snapshot)), 'plan.jsonl.gz is gone, and the seal is there; restore it'],
    ['a seal that is none', (objects) => objects.set(sealObject(snapshot), zip([{ format: 1 }])), 'holds no seal'],
    ['a seal that is no gzip', (objects) => objects.set(sealObject(snapshot), Buffer.from('seal')), 'not gzipped JSON lines'],
    [
      'a part too few in its seal',
      (objects) => objects.set(sealObject(snapshot), zip([{ ...sealOf(objects), parts: ['00000-00000'] }])),
      'hold the outcomes of 100 targets, and the plan has 120',
    ],
    ['a damaged part', (objects) => objects.set(partObject(snapshot, '00001-00000'), Buffer.from('x')), 'not gzipped JSON lines'],
  ])('with %s fails alone and stays as it is; the others are done', async (_name, damage, message) => {
    const objects = aged(otherValues);
    damage(objects);
    const other = snapshotAt(snapshot.atMs - 1000);
    const rename = (text: string): string => text.replaceAll(snapshot.id, other.id).replaceAll(snapshot.at, other.at);
    for (const [object, content] of published.copy()) objects.set(rename(object), gzipSync(rename(gunzipSync(content).toString())));
    objects.delete(rename(commitObject(snapshot)));
    const before = new Map(objects);
    const output = createMemoryOutput(objects);
    expect(await published.rebuild(output)).toEqual([
      { snapshot: other, result: 'published', tables: expect.anything() },
      { snapshot, result: 'failed', message: expect.stringContaining(message) },
    ]);
    expect(output.changed).toEqual([commitObject(other)]);
    for (const [object, content] of before) expect(objects.get(object)).toEqual(content);
  });

  const sealOf = (objects: Objects): object => readLines(objects.get(sealObject(snapshot)))[0] ?? {};
});

describe('beside a sync', () => {
  test('of the same snapshot, both end with the right rows whoever writes first', async () => {
    for (const turns of [0, 1, 3, 8]) {
      const output = createMemoryOutput(onlyRaw());
      let writes = 0;
      const waitFor = async (): Promise<void> => {
        for (let turn = 0; turn < turns * (++writes % 3); turn++) await new Promise((resolve) => setImmediate(resolve));
      };
      Object.assign(output, { beforeCreate: waitFor, beforeChange: waitFor });
      const [, rebuilds] = await Promise.all([runSync(server, output, { snapshot }), published.rebuild(output)]);
      expect(rebuilds).toMatchObject([{ snapshot }]);
      expect(textsOf(output.objects)).toEqual(textsOf(published.copy()));
    }
  });

  test.each(dataTableNames)('of an older version that writes its own %s meanwhile, this version’s rows stand in the end', async (table) => {
    const old = aged(otherValues);
    const surplus = (name: DataTableName): [string, Buffer] => [tableObject(name, snapshot, 1), zip([{ project_key: 'old' }])];
    const output = createMemoryOutput(onlyRaw());
    output.beforeChange = async (object) => {
      if (object !== published.nameOf(table)) return;
      output.beforeChange = undefined;
      // As one that creates its objects where there are none would.
      const theirs = [
        ...dataTableNames.map((name): [string, Buffer] => [published.nameOf(name), old.get(published.nameOf(name)) ?? Buffer.of()]),
        surplus(table),
      ];
      for (const [name, content] of [...theirs, [commitObject(snapshot), old.get(commitObject(snapshot)) ?? Buffer.of()] as const])
        await output.create(name, content);
    };
    await published.rebuild(output);
    expect(textsOf(output.objects)).toEqual(textsOf(published.copy()));
  });
});
