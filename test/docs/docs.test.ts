import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { commitObject, snapshotAt, tableObject } from '../../lambda/contract/objects.ts';
import { type AthenaType, type Column, type TableName, tables } from '../../lambda/contract/tables.ts';
import { anchorsOf, linksOf } from './markdown.ts';
import { replaceSettingsTable } from './settings-table.ts';
import { renderTablesPage } from './tables-page.ts';

const root = join(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'docs/architecture.md',
  'docs/tables.md',
  'docs/deployment.md',
  'docs/runbook.md',
  'docs/reliability.md',
  'docs/security.md',
];
const read = (page: string): Promise<string> => readFile(join(root, page), 'utf8');

test('docs/tables.md says what the contract in code says', async () => {
  expect(await read('docs/tables.md'), 'docs/tables.md differs from lambda/contract/: run `npm run docs` and commit what it writes').toBe(
    renderTablesPage(),
  );
});

test("the README's settings table says what the contract in code says", async () => {
  const readme = await read('README.md');
  expect(readme, 'the settings in README.md differ from lambda/contract/settings.ts: run `npm run docs` and commit what it writes').toBe(
    replaceSettingsTable(readme),
  );
});

test.each(pages)('every relative link of %s leads somewhere', async (page) => {
  const broken: string[] = [];
  for (const link of linksOf(await read(page))) {
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : join(dirname(page), path);
    const exists = await stat(join(root, target)).then(
      () => true,
      () => false,
    );
    if (!exists || (anchor !== undefined && !anchorsOf(await read(target)).has(anchor))) broken.push(link);
  }
  expect(broken, `links of ${page} that lead nowhere`).toEqual([]);
});

test("the README's query runs, and names columns and types of the contract", async () => {
  const [, sql = ''] = /```sql\n(.*?)```/s.exec(await read('README.md')) ?? [];
  const reads = [...sql.matchAll(/\/tables\/(\w+)\/[^']*'.*?columns = \{(.*?)\}/gs)];
  expect(reads.length, 'read_json calls in the README').toBeGreaterThan(0);
  for (const [, table, declared = ''] of reads) {
    const columns: readonly Column[] = tables[table as TableName].columns;
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, duckdbTypes[type]]));
    for (const [, name = '', type] of declared.matchAll(/(\w+): '([^']+)'/g))
      expect({ table, name, type }).toEqual({ table, name, type: types[name] });
  }

  const output = await mkdtemp(join(tmpdir(), 'readme-query-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const snapshot = snapshotAt(Date.UTC(2026, 10, 23, 6));
    for (const table of Object.keys(tables) as TableName[]) {
      const path = join(output, table === 'sync_snapshots' ? commitObject(snapshot) : tableObject(table, snapshot, 0));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, gzipSync(''));
    }
    const result = await connection.runAndReadAll(sql.replaceAll("'metric-groups/", `'${output}/`));
    expect(result.getRowObjectsJson()).toEqual([]);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(output, { recursive: true });
  }
});

const duckdbTypes: Readonly<Record<AthenaType, string>> = {
  string: 'VARCHAR',
  int: 'INTEGER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
  'array<string>': 'VARCHAR[]',
};
