import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
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
  'docs/querying.md',
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
