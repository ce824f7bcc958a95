import { describe, expect, it } from 'vitest';
import { compareRows, describeDifference, parseRow } from '../../lambda/load/row-difference.ts';

const key = { project_key: 'p', metric_group_key: 'g' };

describe('rows', () => {
  it('are sorted by their key, texts by UTF-8 bytes and numbers as numbers', () => {
    const metric = (position: unknown): object => ({ ...key, position });
    expect(compareRows('metric_group_metrics', { ...metric(2) }, { ...metric(10) })).toBeLessThan(0);
    expect(compareRows('metric_groups', { ...key, project_key: '\u{1f600}' }, { ...key, project_key: '\ufffd' })).toBeGreaterThan(0);
    expect(compareRows('metric_groups', { ...key, name: 'a' }, { ...key, name: 'b' })).toBe(0);
  });

  it('of another version may lack a column of the key', () => {
    expect(compareRows('metric_group_metrics', key, { ...key, position: 1 })).toBe(0);
    expect(compareRows('metric_group_metrics', { ...key, position: null }, { ...key, position: 1 })).toBeLessThan(0);
    expect(compareRows('metric_group_metrics', { project_key: 'q' }, { ...key, position: 1 })).toBeGreaterThan(0);
  });

  it('are objects', () => {
    expect(['{"a":1}\n', '[]', 'null', '', '{'].map(parseRow)).toEqual([{ a: 1 }, undefined, undefined, undefined, undefined]);
  });
});

describe('a difference', () => {
  it('names each column that differs, in the order of the table, columns of another version last', () => {
    const before = { ...key, zzz: 1, tags: ['a'], name: 'old', version: 1 };
    const after = { ...key, name: 'new', tags: ['b'], version: 1, description: null };
    expect(describeDifference('metric_groups', before, after)).toEqual({
      kind: 'changed',
      key: 'p/g',
      columns: [
        { name: 'name', before: 'old', after: 'new' },
        { name: 'description', before: undefined, after: null },
        { name: 'tags', before: ['a'], after: ['b'] },
        { name: 'zzz', before: 1, after: undefined },
      ],
    });
  });

  it('is that a row comes or goes where the other side has none', () => {
    expect(describeDifference('metric_group_metrics', undefined, { ...key, position: 3 })).toEqual({ kind: 'added', key: 'p/g/3' });
    expect(describeDifference('metric_group_metrics', key, undefined)).toEqual({ kind: 'removed', key: 'p/g/?' });
  });
});
