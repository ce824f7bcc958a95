import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDirectoryOutput } from '../../lambda/output/directory-output.ts';
import { askWarehouse, type Rows } from '../../lambda/query/ask-warehouse.ts';
import { openLocalWarehouse } from '../../lambda/query/open-local-warehouse.ts';
import { createTimes } from '../views/scenario.ts';
import { writeHistory } from '../views/write-history.ts';

const times = createTimes(Date.now());
const folder = mkdtempSync(join(tmpdir(), 'metric-group-sync-query-'));
const output = join(folder, 'plain');

async function ask(directory: string, sql: string): Promise<Rows> {
  const warehouse = await openLocalWarehouse(directory);
  return askWarehouse(warehouse, sql).finally(warehouse.close);
}

beforeAll(async () => {
  mkdirSync(output);
  await writeHistory(createDirectoryOutput(output), [{ atMs: times.ms(0), outcomes: { 'p/g': {} } }]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a local warehouse', () => {
  it('reads the directory that was named, whatever its name holds, and no other', async () => {
    const oddNames = ['a*', 'a[1]', '[!x]{1,2}', "a?'b", '**'];
    for (const name of [...oddNames, 'ab', 'a1', "a1'b"]) {
      cpSync(output, join(folder, 'odd', name), { recursive: true });
    }
    for (const name of oddNames) {
      const { rows } = await ask(join(folder, 'odd', name), 'select metric_group_key, snapshot_date from metric_groups');
      expect([name, rows]).toEqual([name, [['g', times.date(0)]]]);
    }
    mkdirSync(join(folder, 'a\\b'));
    await expect(ask(join(folder, 'a\\b'), 'select 1')).rejects.toThrow('DuckDB takes the \\ in it for a separator');
    await expect(ask(join(output, 'tables'), 'select 1')).resolves.toBeDefined();
  });

  it('passes over what a system leaves beside objects, and a file is no directory', async () => {
    const directory = join(folder, 'strewn');
    cpSync(output, directory, { recursive: true });
    writeFileSync(join(directory, `tables/metric_groups/snapshot_date=${times.date(0)}/._${times.id(0)}-00000.jsonl.gz`), 'Mac OS X');
    writeFileSync(join(directory, 'file'), '');
    expect((await ask(directory, 'select count(*) from metric_groups')).rows).toEqual([[1]]);
    await expect(ask(join(directory, 'file'), 'select 1')).rejects.toMatchObject({ kind: 'unreadable' });
  });

  it('tells who must act: whoever asked, or whoever owns the files', async () => {
    const directory = join(folder, 'damaged');
    cpSync(output, directory, { recursive: true });
    writeFileSync(join(directory, `tables/metric_groups/snapshot_date=${times.date(0)}/${times.id(0)}-00000.jsonl.gz`), 'no gzip');
    await expect(ask(directory, 'select name from metric_groups')).rejects.toMatchObject({ kind: 'output' });
    await expect(ask(output, 'selec')).rejects.toMatchObject({ kind: 'configuration' });
    await expect(ask(output, 'select 1; select 2')).rejects.toMatchObject({
      kind: 'configuration',
      message: 'there are 2 statements: give one at a time',
    });
    expect((await ask(output, 'select 1 as a; -- one')).rows).toEqual([[1]]);
  });

  it('gives every column, and every instant that a statement makes', async () => {
    expect(await ask(output, "select 1 as a, 2 as a, timestamp 'infinity' as b, timestamp '20000-01-01' as c")).toEqual({
      columns: ['a', 'a:1', 'b', 'c'],
      rows: [[1, 2, 'infinity', '20000-01-01 00:00:00']],
    });
  });
});
