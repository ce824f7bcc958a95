import { describe, expect, it } from 'vitest';
import { describeRebuild, describeRebuilds, toRebuildJson } from '../../lambda/cli/describe-rebuild.ts';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import type { RowDifference } from '../../lambda/load/row-difference.ts';
import type { RebuiltTable } from '../../lambda/rebuild.ts';
import type { SnapshotRebuild } from '../../lambda/rebuild-snapshots.ts';

const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00Z'));
const table = (changes: Partial<RebuiltTable> = {}): RebuiltTable => ({
  objectsBefore: 1,
  objects: ['0'],
  toWrite: new Set(),
  toRemove: [],
  rowsBefore: 12_345,
  rowsAfter: 12_345,
  rowsChanged: 0,
  example: undefined,
  objectsWritten: 0,
  ...changes,
});
const rebuildOf = (metricGroups: Partial<RebuiltTable> = {}): SnapshotRebuild => ({
  snapshot,
  result: 'rebuilt',
  tables: {
    sync_targets: table(),
    metric_groups: table(metricGroups),
    metric_group_metrics: table(),
    metric_group_experiments: table(),
    sync_snapshots: table({ rowsBefore: 1, rowsAfter: 1 }),
  },
});
const changed = (...columns: [name: string, before: unknown, after: unknown][]): RowDifference => ({
  kind: 'changed',
  key: 'p/g',
  columns: columns.map(([name, before, after]) => ({ name, before, after })),
});
const groupsIn = (text: string): string => /metric_groups (.*?), metric_group_metrics/.exec(text)?.[1] ?? '';
const exampleOf = (example: RowDifference): string =>
  describeRebuild(rebuildOf({ rowsChanged: 1, example }), true)
    .split('\n')[1]
    ?.replace('  metric_groups, such as ', '') ?? '';

describe('a table', () => {
  it('is told by its rows before and after, and how many differ', () => {
    const told = (changes: Partial<RebuiltTable>) => groupsIn(describeRebuild(rebuildOf(changes), false));
    expect(told({})).toBe('12,345 -> 12,345');
    expect(told({ rowsAfter: 3, rowsChanged: 12_342 })).toBe('12,345 -> 3 (12,342 differ)');
    expect(told({ rowsChanged: 1 })).toBe('12,345 -> 12,345 (1 differs)');
    expect(told({ toWrite: new Set(['0']) })).toBe('12,345 -> 12,345 (the same rows in other objects)');
    expect(told({ toRemove: ['1'] })).toBe('12,345 -> 12,345 (the same rows in other objects)');
  });

  it('has its example in a dry run alone, and where rows stand to compare with', () => {
    const rebuild = rebuildOf({ rowsChanged: 1, example: changed(['name', 'a', 'b']) });
    expect(describeRebuild(rebuild, false)).not.toContain('such as');
    expect(describeRebuild(rebuild, true).split('\n')).toEqual([
      expect.stringMatching(/^20261123T060000Z would be rebuilt: sync_targets /),
      '  metric_groups, such as p/g: name "a" -> "b"',
    ]);
    const first = rebuildOf({ rowsBefore: 0, rowsChanged: 1, example: { kind: 'added', key: 'p/g' } });
    expect(describeRebuild(first, true)).not.toContain('such as');
  });
});

describe('an example', () => {
  it('names columns with both values, long ones shortened and nothing in them that a terminal obeys', () => {
    expect(exampleOf(changed(['description', undefined, 'x'.repeat(100)], ['tags', ['a'], null]))).toBe(
      `p/g: description (no such column) -> "${'x'.repeat(58)}…, tags ["a"] -> null`,
    );
    expect(exampleOf(changed(['name', '\u001b[31m', '\u202e']))).toBe('p/g: name "\\u001b[31m" -> " "');
  });

  it('shows nothing of who maintains a group', () => {
    const told = exampleOf(changed(['maintainer_email', 'a@example.com', 'b@example.com'], ['maintainer_key', undefined, 'key-of-ariel']));
    expect(told).toBe('p/g: maintainer_email (not shown), maintainer_key (not shown)');
  });

  it('tells of many columns the first eight', () => {
    const columns = Array.from({ length: 10 }, (_, index): [string, number, number] => [`c${index}`, 0, 1]);
    expect(exampleOf(changed(...columns))).toMatch(/^p\/g: c0 0 -> 1, .*, c7 0 -> 1, and 2 more columns$/);
  });

  it('may be a row that comes or goes, or one written otherwise', () => {
    expect(exampleOf({ kind: 'added', key: 'p/g' })).toBe('p/g: added');
    expect(exampleOf({ kind: 'removed', key: 'p/g' })).toBe('p/g: removed');
    expect(exampleOf(changed())).toBe('p/g: the same values, written otherwise');
  });
});

describe('all snapshots', () => {
  it('are counted by how they ended', () => {
    const done: SnapshotRebuild[] = [rebuildOf(), { snapshot, result: 'unsealed' }, rebuildOf(), { snapshot, result: 'left_as_it_is' }];
    expect(describeRebuilds(done, false)).toBe('4 snapshots: 2 rebuilt, 1 skipped, 1 left as it is');
    expect(describeRebuilds(done.slice(0, 1), true)).toBe('1 snapshot: 1 would be rebuilt');
    expect(describeRebuilds([], false)).toBe('0 snapshots');
  });

  it('are objects for scripts, which say in a dry run that nothing was done', () => {
    const numbers = { rows_before: 12_345, rows_after: 12_345, rows_changed: 0, objects_written: 0 };
    expect(toRebuildJson(rebuildOf({ rowsChanged: 2, objectsWritten: 1 }), false)).toEqual({
      snapshot_id: snapshot.id,
      result: 'rebuilt',
      tables: {
        sync_targets: numbers,
        metric_groups: { ...numbers, rows_changed: 2, objects_written: 1 },
        metric_group_metrics: numbers,
        metric_group_experiments: numbers,
        sync_snapshots: { ...numbers, rows_before: 1, rows_after: 1 },
      },
    });
    expect(toRebuildJson(rebuildOf(), true)).toMatchObject({ result: 'would_be_rebuilt' });
    expect(toRebuildJson({ snapshot, result: 'failed', message: 'why' }, true)).toEqual({
      snapshot_id: snapshot.id,
      result: 'failed',
      tables: {},
      message: 'why',
    });
  });
});
