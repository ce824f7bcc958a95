import { describe, expect, it } from 'vitest';
import type { Rows } from '../../lambda/query/ask-warehouse.ts';
import { formatRows } from '../../lambda/query/format-rows.ts';

const rows: Rows = {
  columns: ['key', 'count', 'tags', 'note'],
  rows: [
    ['a', 1, ['x', 'y'], null],
    ['long key', 1200, [], 'two\nlines, "quoted" \u001b[31m'],
    ['b', null, null, ''],
  ],
};

describe('formatRows', () => {
  it('aligns columns, numbers to the right, and lets nothing through that a terminal obeys', () => {
    expect(formatRows(rows, 'table')).toBe(
      [
        'key       count  tags       note',
        '--------  -----  ---------  -------------------------------',
        'a             1  ["x","y"]  -',
        'long key   1200  []         two\\nlines, "quoted" \\u001b[31m',
        'b             -  -',
        '',
      ].join('\n'),
    );
  });

  it('writes CSV that tells an empty text from no value', () => {
    expect(formatRows(rows, 'csv')).toBe(
      'key,count,tags,note\r\na,1,"[""x"",""y""]",\r\nlong key,1200,[],"two\nlines, ""quoted"" \u001b[31m"\r\nb,,,""\r\n',
    );
  });

  it('writes a JSON array of objects', () => {
    expect(JSON.parse(formatRows(rows, 'json'))).toEqual([
      { key: 'a', count: 1, tags: ['x', 'y'], note: null },
      { key: 'long key', count: 1200, tags: [], note: 'two\nlines, "quoted" \u001b[31m' },
      { key: 'b', count: null, tags: null, note: '' },
    ]);
  });

  it('says where there are no rows', () => {
    const none = { columns: ['key'], rows: [] };
    expect([formatRows(none, 'table'), formatRows(none, 'csv'), formatRows(none, 'json')]).toEqual(['(no rows)\n', 'key\r\n', '[]\n']);
  });
});
