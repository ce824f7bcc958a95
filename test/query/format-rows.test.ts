import { describe, expect, it } from 'vitest';
import type { Rows } from '../../lambda/query/ask-warehouse.ts';
import { formatRows, type RowFormat } from '../../lambda/query/format-rows.ts';

const rows: Rows = {
  columns: ['key', 'count', 'tags', 'note'],
  rows: [
    ['a', 1, ['x', 'y'], null],
    ['long key', 1200, [], 'two\nlines, "quoted" \u001b[31m'],
    ['b', null, null, ''],
  ],
};

/** The text of rows that come in batches of one. */
async function format({ columns, rows }: Rows, rowFormat: RowFormat): Promise<string> {
  async function* batches() {
    for (const row of rows) yield [row];
    yield [];
  }
  let text = '';
  for await (const piece of formatRows({ columns, batches: batches() }, rowFormat)) text += piece;
  return text;
}

describe('formatRows', () => {
  it('aligns columns, numbers to the right, and lets nothing through that a terminal obeys', async () => {
    expect(await format(rows, 'table')).toBe(
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

  it('writes CSV that tells an empty text from no value', async () => {
    expect(await format(rows, 'csv')).toBe(
      'key,count,tags,note\r\na,1,"[""x"",""y""]",\r\nlong key,1200,[],"two\nlines, ""quoted"" \u001b[31m"\r\nb,,,""\r\n',
    );
  });

  it('writes a JSON array of objects', async () => {
    expect(JSON.parse(await format(rows, 'json'))).toEqual([
      { key: 'a', count: 1, tags: ['x', 'y'], note: null },
      { key: 'long key', count: 1200, tags: [], note: 'two\nlines, "quoted" \u001b[31m' },
      { key: 'b', count: null, tags: null, note: '' },
    ]);
  });

  it('says where there are no rows', async () => {
    const none = { columns: ['key'], rows: [] };
    expect([await format(none, 'table'), await format(none, 'csv'), await format(none, 'json')]).toEqual([
      '(no rows)\n',
      'key\r\n',
      '[]\n',
    ]);
  });

  it('escapes all that a terminal obeys or turns a line around with, in names of columns too', async () => {
    const hostile: Rows = { columns: ['a\nb'], rows: [['\u009b31m \u007f \u202e \u2028 👩‍🚀']] };
    expect(await format(hostile, 'table')).toBe(['a\\nb', '-'.repeat(36), '\\u009b31m \\u007f \\u202e \\u2028 👩‍🚀', ''].join('\n'));
  });

  it('takes more rows than a call has room for', async () => {
    const many: Rows = { columns: ['n'], rows: Array.from({ length: 200_000 }, (_, n) => [n]) };
    expect((await format(many, 'table')).length).toBe(200_002 * 7);
  });
});
