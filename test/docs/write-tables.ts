import { readFile, writeFile } from 'node:fs/promises';
import { formatTable } from '../../lambda/query/format-rows.ts';
import { withDuckdbEngine } from '../views/duckdb-engine.ts';
import { createTimes } from '../views/scenario.ts';
import { answerPage, pageHistory } from './querying-page.ts';
import { replaceSettingsTable } from './settings-table.ts';
import { renderTablesPage } from './tables-page.ts';

// Writes what the documents take from the code: the data dictionary, the settings table of the README, and the answers in querying.md.
const readmePath = new URL('../../README.md', import.meta.url);
await writeFile(new URL('../../docs/tables.md', import.meta.url), renderTablesPage());
await writeFile(readmePath, replaceSettingsTable(await readFile(readmePath, 'utf8')));
const queryingPath = new URL('../../docs/querying.md', import.meta.url);
const times = createTimes(Date.now());
await withDuckdbEngine(pageHistory(times), async ({ query }) => {
  const page = await readFile(queryingPath, 'utf8');
  await writeFile(queryingPath, await answerPage(page, times, async (sql) => formatTable(await query(sql))));
});
console.log('Wrote docs/tables.md, the settings table of README.md and the answers in docs/querying.md');
