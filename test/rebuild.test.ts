import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commitObject, type Snapshot, sealObject, tableObject } from '../lambda/contract/objects.ts';
import { dataTableNames } from '../lambda/contract/tables.ts';
import type { SnapshotRebuild } from '../lambda/rebuild-snapshots.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from './launchdarkly/server.ts';
import { createWorld } from './launchdarkly/world.ts';
import { createMemoryOutput } from './memory-output.ts';
import { type Objects, type PublishedSnapshot, publishSnapshotOf, textOf, textsOf, zip } from './rebuild-scene.ts';
import { readLines } from './run-sync.ts';

let server: SimulatedLaunchDarkly;
let published: PublishedSnapshot;
let snapshot: Snapshot;

beforeAll(async () => {
  server = await startLaunchDarkly({ world: createWorld({ projects: { demo: 6 }, metrics: 2, experiments: 1 }) });
  published = await publishSnapshotOf(server);
  ({ snapshot } = published);
});
afterAll(() => server.close());

/** The tables as an older version might have left them. */
const olderVersions: Record<string, (objects: Objects) => void> = {
  'lacked a column': (objects) => published.alterRows(objects, 'metric_groups', (rows) => rows.map(({ description: _, ...row }) => row)),
  'had other values in every table': (objects) => {
    for (const table of dataTableNames)
      published.alterRows(objects, table, ([first, ...rows]) => [{ ...first, extracted_at: 'long ago' }, ...rows]);
    published.alterRows(objects, 'sync_snapshots', (rows) => rows.map((row) => ({ ...row, code_version: 'old' })));
  },
  'had a column of the key not yet': (objects) =>
    published.alterRows(objects, 'metric_group_metrics', (rows) => rows.map(({ position: _, ...row }) => row)),
  'had more rows': (objects) => published.alterRows(objects, 'metric_groups', (rows) => [...rows, { ...rows[0], project_key: 'zzz' }]),
  'had fewer rows': (objects) => published.alterRows(objects, 'sync_targets', (rows) => rows.filter((_, index) => index % 3 !== 1)),
  'had no rows': (objects) => published.alterRows(objects, 'metric_group_experiments', () => []),
  'sorted otherwise': (objects) => published.alterRows(objects, 'metric_group_metrics', (rows) => rows.toReversed()),
  'wrote values otherwise': (objects) => published.alterText(objects, 'metric_groups', (text) => text.replaceAll('":', '": ')),
  'wrote no last newline': (objects) => published.alterText(objects, 'metric_groups', (text) => text.slice(0, -1)),
  'split a table otherwise': (objects) => {
    const rows = readLines(objects.get(published.nameOf('sync_targets')));
    objects.set(tableObject('sync_targets', snapshot, 0), zip(rows.slice(0, 2)));
    objects.set(tableObject('sync_targets', snapshot, 1), zip(rows.slice(2)));
  },
  'left an object more': (objects) => objects.set(tableObject('metric_groups', snapshot, 1), zip([{ project_key: 'demo', name: 'old' }])),
  'left an object that is no gzip': (objects) => objects.set(published.nameOf('metric_group_metrics'), Buffer.from('half')),
  'left an object cut short': (objects) =>
    objects.set(published.nameOf('sync_targets'), (objects.get(published.nameOf('sync_targets')) ?? Buffer.of()).subarray(0, -90)),
  'left lines that are no JSON': (objects) => objects.set(published.nameOf('sync_targets'), gzipSync('{"a":\n\n[]\n')),
  'left a text that is not UTF-8': (objects) => {
    const bytes = gunzipSync(objects.get(published.nameOf('metric_groups')) ?? '');
    objects.set(published.nameOf('metric_groups'), gzipSync(bytes.with(bytes.indexOf('demo'), 0xff)));
  },
  'left out a table': (objects) => objects.delete(published.nameOf('metric_groups')),
  'did not commit': (objects) => objects.delete(commitObject(snapshot)),
  'left a commit that holds nothing': (objects) => objects.set(commitObject(snapshot), zip([])),
  'left nothing but what is sealed': (objects) => {
    for (const object of [...objects.keys()]) if (object.startsWith('tables/')) objects.delete(object);
  },
  'sealed by another format': (objects) => {
    const [seal] = readLines(objects.get(sealObject(snapshot)));
    objects.set(sealObject(snapshot), zip([{ ...seal, format: 0 }]));
    published.alterRows(objects, 'metric_groups', (rows) => rows.map(({ description: _, ...row }) => row));
    objects.delete(commitObject(snapshot));
  },
};

describe.each(Object.entries(olderVersions))('tables of a version that %s', (_name, age) => {
  test('become those of this version, byte for byte, and then stay as they are', async () => {
    const objects = published.copy();
    age(objects);
    const output = createMemoryOutput(objects);
    const wasPublished = objects.has(commitObject(snapshot));
    const expected = { ...textsOf(published.copy()), [sealObject(snapshot)]: textOf(objects, sealObject(snapshot)) };
    expect(await published.rebuild(output)).toMatchObject([{ snapshot, result: wasPublished ? 'rebuilt' : 'published' }]);
    expect(textsOf(objects)).toEqual(expected);
    const changed = [...output.changed];
    expect(await published.rebuild(output)).toMatchObject([{ snapshot, result: 'unchanged' }]);
    expect(output.changed).toEqual(changed);
    expect(output.created).toEqual([]);
  });

  test('are left by a dry run, which tells the same', async () => {
    const objects = published.copy();
    age(objects);
    const [before, output] = [new Map(objects), createMemoryOutput(objects)];
    const [dry] = await published.rebuild(output, { isDryRun: true });
    expect([output.changed, output.created, objects]).toEqual([[], [], before]);
    const [wet] = await published.rebuild(output);
    const told = (rebuild: SnapshotRebuild | undefined) =>
      JSON.stringify(rebuild, (name, value) => (name === 'objectsWritten' ? 0 : value));
    expect(told(dry)).toBe(told(wet));
  });

  test('are mended by a second rebuild wherever the first was killed, the commit last', async () => {
    const whole = createMemoryOutput(aged(age));
    await published.rebuild(whole);
    expect(whole.changed.length).toBeGreaterThan(0);
    for (const killedAt of whole.changed.keys()) {
      const output = createMemoryOutput(aged(age));
      let changes = 0;
      output.beforeChange = () => {
        if (changes++ === killedAt) throw new Error('killed');
      };
      await expect(published.rebuild(output)).rejects.toThrow('killed');
      expect(output.changed).not.toContain(commitObject(snapshot));
      output.beforeChange = undefined;
      await published.rebuild(output);
      expect(textsOf(output.objects)).toEqual(textsOf(whole.objects));
    }
  });
});

function aged(age: (objects: Objects) => void): Objects {
  const objects = published.copy();
  age(objects);
  return objects;
}
