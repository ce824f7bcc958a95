import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitObject, partObject, planObject, type Snapshot, sealObject, snapshotAt, tableObject } from '../lambda/contract/objects.ts';
import { type DataTableName, dataTableNames, type TableName } from '../lambda/contract/tables.ts';
import { SyncError } from '../lambda/errors.ts';
import { rebuildSnapshots, type SnapshotRebuild } from '../lambda/rebuild-snapshots.ts';
import { parseDate } from '../lambda/snapshot/date-range.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from './launchdarkly/server.ts';
import { createWorld } from './launchdarkly/world.ts';
import { createMemoryOutput, type MemoryOutput } from './memory-output.ts';
import { readLines, runSync } from './run-sync.ts';

type Objects = Map<string, Buffer>;
type Row = Record<string, unknown>;

let server: SimulatedLaunchDarkly;
/** What a run of this version leaves: 120 groups in two slices. */
let published: Objects;
let snapshot: Snapshot;

beforeAll(async () => {
  server = await startLaunchDarkly({ world: createWorld({ projects: { demo: 120 }, metrics: 2, experiments: 1 }) });
  const output = createMemoryOutput();
  snapshot = snapshotAt(Date.now() - 60_000);
  await runSync(server, output, { snapshot });
  published = output.objects;
});
afterAll(() => server.close());

const zip = (rows: readonly unknown[]): Buffer => gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const nameOf = (table: TableName): string => (table === 'sync_snapshots' ? commitObject(snapshot) : tableObject(table, snapshot, 0));
const alter = (objects: Objects, table: TableName, change: (rows: Row[]) => Row[]): void => {
  objects.set(nameOf(table), zip(change(readLines(objects.get(nameOf(table))))));
};
/** Names and lines of all objects: what readers see of them. */
const linesOf = (objects: Objects): Record<string, string> =>
  Object.fromEntries([...objects].sort().map(([object, content]) => [object, gunzipSync(content).toString('utf8')]));

type Options = Partial<Parameters<typeof rebuildSnapshots>[0]>;
async function rebuildAll(output: MemoryOutput, options: Options = {}): Promise<SnapshotRebuild[]> {
  const day = parseDate(snapshot.date) ?? Number.NaN;
  const range = { fromMs: day, toMs: day };
  const job = { output, range, isDryRun: false, interrupt: new AbortController().signal, onBegin: () => {}, ...options };
  const rebuilds: SnapshotRebuild[] = [];
  for await (const rebuild of rebuildSnapshots(job)) rebuilds.push(rebuild);
  return rebuilds;
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

/** The tables as an older version might have left them. */
const olderVersions: Record<string, (objects: Objects) => void> = {
  'lacked a column': (objects) => alter(objects, 'metric_groups', (rows) => rows.map(({ description: _, ...row }) => row)),
  'had other values in every table': (objects) => {
    for (const table of dataTableNames) alter(objects, table, ([first, ...rows]) => [{ ...first, extracted_at: 'long ago' }, ...rows]);
    alter(objects, 'sync_snapshots', (rows) => rows.map((row) => ({ ...row, code_version: 'old' })));
  },
  'had a column of the key not yet': (objects) =>
    alter(objects, 'metric_group_metrics', (rows) => rows.map(({ position: _, ...row }) => row)),
  'had more rows': (objects) => alter(objects, 'metric_groups', (rows) => [...rows, { ...rows[0], project_key: 'zzz' }]),
  'had fewer rows': (objects) => alter(objects, 'sync_targets', (rows) => rows.filter((_, index) => index % 3 !== 1)),
  'had no rows': (objects) => alter(objects, 'metric_group_experiments', () => []),
  'sorted otherwise': (objects) => alter(objects, 'metric_group_metrics', (rows) => rows.toReversed()),
  'wrote values otherwise': (objects) => {
    const text = gunzipSync(objects.get(nameOf('metric_groups')) ?? '').toString('utf8');
    objects.set(nameOf('metric_groups'), gzipSync(text.replaceAll('":', '": ')));
  },
  'wrote no last newline': (objects) => {
    const text = gunzipSync(objects.get(nameOf('metric_groups')) ?? '').toString('utf8');
    objects.set(nameOf('metric_groups'), gzipSync(text.slice(0, -1)));
  },
  'split a table otherwise': (objects) => {
    const rows = readLines(objects.get(nameOf('sync_targets')));
    objects.set(tableObject('sync_targets', snapshot, 0), zip(rows.slice(0, 50)));
    objects.set(tableObject('sync_targets', snapshot, 1), zip(rows.slice(50)));
  },
  'left an object more': (objects) => objects.set(tableObject('metric_groups', snapshot, 1), zip([{ project_key: 'demo', name: 'old' }])),
  'left an object that is no gzip': (objects) => objects.set(nameOf('metric_group_metrics'), Buffer.from('half')),
  'left an object cut short': (objects) =>
    objects.set(nameOf('sync_targets'), (objects.get(nameOf('sync_targets')) ?? Buffer.of()).subarray(0, 900)),
  'left lines that are no JSON': (objects) => objects.set(nameOf('sync_targets'), gzipSync('{"a":\n\n[]\n')),
  'left a text that is not UTF-8': (objects) => {
    const bytes = gunzipSync(objects.get(nameOf('metric_groups')) ?? '');
    objects.set(nameOf('metric_groups'), gzipSync(bytes.with(bytes.indexOf('demo'), 0xff)));
  },
  'left out a table': (objects) => objects.delete(nameOf('metric_groups')),
  'did not commit': (objects) => objects.delete(commitObject(snapshot)),
  'left a commit that holds nothing': (objects) => objects.set(commitObject(snapshot), zip([])),
  'left nothing but what is sealed': (objects) => {
    for (const object of [...objects.keys()]) if (object.startsWith('tables/')) objects.delete(object);
  },
  'sealed by another format': (objects) => {
    const [seal] = readLines(objects.get(sealObject(snapshot)));
    objects.set(sealObject(snapshot), zip([{ ...seal, format: 0 }]));
    alter(objects, 'metric_groups', (rows) => rows.map(({ description: _, ...row }) => row));
    objects.delete(commitObject(snapshot));
  },
};

describe.each(Object.entries(olderVersions))('tables of a version that %s', (_name, age) => {
  test('become those of this version, byte for byte, and then stay as they are', async () => {
    const objects = new Map(published);
    age(objects);
    const output = createMemoryOutput(objects);
    const wasPublished = objects.has(commitObject(snapshot));
    const expected = { ...linesOf(published), [sealObject(snapshot)]: gunzipSync(objects.get(sealObject(snapshot)) ?? '').toString() };
    expect(await rebuildAll(output)).toMatchObject([{ snapshot, result: wasPublished ? 'rebuilt' : 'published' }]);
    expect(linesOf(objects)).toEqual(expected);
    const changed = [...output.changed];
    expect(await rebuildAll(output)).toMatchObject([{ snapshot, result: 'unchanged' }]);
    expect(output.changed).toEqual(changed);
    expect(output.created).toEqual([]);
  });

  test('are left by a dry run, which tells the same', async () => {
    const objects = new Map(published);
    age(objects);
    const [before, output] = [new Map(objects), createMemoryOutput(objects)];
    const [dry] = await rebuildAll(output, { isDryRun: true });
    expect([output.changed, output.created, objects]).toEqual([[], [], before]);
    const [wet] = await rebuildAll(output);
    const told = (rebuild: SnapshotRebuild | undefined) =>
      JSON.stringify(rebuild, (name, value) => (/^objects(Written|Removed)$/.test(name) ? 0 : value));
    expect(told(dry)).toBe(told(wet));
  });

  test('are mended by a second rebuild wherever the first was killed, the commit last', async () => {
    const whole = createMemoryOutput(aged(age));
    await rebuildAll(whole);
    expect(whole.changed.length).toBeGreaterThan(0);
    for (const killedAt of whole.changed.keys()) {
      const output = createMemoryOutput(aged(age));
      let changes = 0;
      output.beforeChange = () => {
        if (changes++ === killedAt) throw new Error('killed');
      };
      await expect(rebuildAll(output)).rejects.toThrow('killed');
      expect(output.changed).not.toContain(commitObject(snapshot));
      output.beforeChange = undefined;
      await rebuildAll(output);
      expect(linesOf(output.objects)).toEqual(linesOf(whole.objects));
    }
  });
});

function aged(age: (objects: Objects) => void): Objects {
  const objects = new Map(published);
  age(objects);
  return objects;
}

describe('a rebuild', () => {
  test('asks LaunchDarkly nothing, and touches no object that is right', async () => {
    const [asked, output] = [server.requests.length, createMemoryOutput(new Map(published))];
    const [rebuild] = await rebuildAll(output);
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
    const objects = new Map(published);
    alter(objects, 'metric_groups', (rows) => [
      { ...rows[0], metric_group_key: '!' },
      ...rows.slice(2, 50),
      { ...rows[50], name: 'old' },
      ...rows.slice(51),
    ]);
    const output = createMemoryOutput(objects);
    const [rebuild] = await rebuildAll(output);
    // One that goes, two that come, one that changes.
    expect(numbersOf(rebuild)).toContainEqual(['metric_groups', 119, 120, 4, 1]);
    expect(output.changed).toEqual([nameOf('metric_groups')]);
  });

  test('gives one example of a table’s differences, rather a changed row than one that came or went', async () => {
    const objects = new Map(published);
    alter(objects, 'metric_groups', ([first, second, ...rows]) => [
      { ...first, metric_group_key: '!' },
      { ...second, name: 'old', zzz: 1 },
      ...rows,
    ]);
    alter(objects, 'sync_targets', ([_first, ...rows]) => rows);
    const [rebuild] = await rebuildAll(createMemoryOutput(objects), { isDryRun: true });
    const rows = readLines(published.get(nameOf('metric_groups')));
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
    const objects = aged(olderVersions['left nothing but what is sealed'] as (objects: Objects) => void);
    const output = createMemoryOutput(objects);
    interrupt.abort(new SyncError('interrupted', 'stopped by SIGINT'));
    await expect(rebuildAll(output, { interrupt: interrupt.signal })).rejects.toThrow('stopped by SIGINT');
    expect(output.changed).toEqual([]);
    expect(await rebuildAll(output)).toMatchObject([{ result: 'published' }]);
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
    new Map([...published].filter(([object]) => !removed.some((name) => name.test(object))));

  test.each([
    ['that is published and whose raw objects are gone is left as it is', [/^raw/], 'left_as_it_is'],
    ['that is published and has its seal alone is left as it is', [/plan/, /parts/], 'left_as_it_is'],
    ['that is published and has no seal is left as it is', [/seal/], 'left_as_it_is'],
    ['that is not sealed is skipped', [/seal/, /^tables/], 'unsealed'],
  ])('%s', async (_name, removed, result) => {
    const objects = without(...removed);
    const [before, output] = [new Map(objects), createMemoryOutput(objects)];
    expect(await rebuildAll(output)).toEqual([{ snapshot, result }]);
    expect(objects).toEqual(before);
  });

  test.each<[string, (objects: Objects) => void, string]>([
    ['a missing part', (objects) => objects.delete(partObject(snapshot, '00001-00000')), '00001-00000.jsonl.gz is gone; restore it'],
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
    const objects = aged(olderVersions['had other values in every table'] as (objects: Objects) => void);
    damage(objects);
    const other = snapshotAt(snapshot.atMs - 1000);
    const rename = (text: string): string => text.replaceAll(snapshot.id, other.id).replaceAll(snapshot.at, other.at);
    for (const [object, content] of published) objects.set(rename(object), gzipSync(rename(gunzipSync(content).toString())));
    objects.delete(rename(commitObject(snapshot)));
    const before = new Map(objects);
    const output = createMemoryOutput(objects);
    expect(await rebuildAll(output)).toEqual([
      { snapshot: other, result: 'published', tables: expect.anything() },
      { snapshot, result: 'failed', message: expect.stringContaining(message) },
    ]);
    expect(output.changed).toEqual([commitObject(other)]);
    for (const [object, content] of before) expect(objects.get(object)).toEqual(content);
  });

  const sealOf = (objects: Objects): Row => readLines(objects.get(sealObject(snapshot)))[0] ?? {};
});

describe('beside a sync', () => {
  const rawOf = (objects: Objects): Objects => new Map([...objects].filter(([object]) => object.startsWith('raw/')));

  test('of the same snapshot, both end with the right rows whoever writes first', async () => {
    for (const turns of [0, 1, 2, 3, 5, 8]) {
      const output = createMemoryOutput(rawOf(published));
      let writes = 0;
      const waitFor = async (): Promise<void> => {
        for (let turn = 0; turn < turns * (++writes % 3); turn++) await new Promise((resolve) => setImmediate(resolve));
      };
      Object.assign(output, { beforeCreate: waitFor, beforeChange: waitFor });
      const [, rebuilds] = await Promise.all([runSync(server, output, { snapshot }), rebuildAll(output)]);
      expect(rebuilds).toMatchObject([{ snapshot }]);
      expect(linesOf(output.objects)).toEqual(linesOf(published));
    }
  });

  test.each(dataTableNames)('of an older version that writes its own %s meanwhile, this version’s rows stand in the end', async (table) => {
    const old = aged(olderVersions['had other values in every table'] as (objects: Objects) => void);
    const surplus = (name: DataTableName): [string, Buffer] => [tableObject(name, snapshot, 1), zip([{ project_key: 'old' }])];
    const output = createMemoryOutput(rawOf(published));
    output.beforeChange = async (object) => {
      if (object !== nameOf(table)) return;
      output.beforeChange = undefined;
      // As one that creates its objects where there are none would.
      const theirs = [
        ...dataTableNames.map((name): [string, Buffer] => [nameOf(name), old.get(nameOf(name)) ?? Buffer.of()]),
        surplus(table),
      ];
      for (const [name, content] of [...theirs, [commitObject(snapshot), old.get(commitObject(snapshot)) ?? Buffer.of()] as const])
        await output.create(name, content);
    };
    await rebuildAll(output);
    expect(linesOf(output.objects)).toEqual(linesOf(published));
  });
});
