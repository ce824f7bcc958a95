import { readFile, writeFile } from 'node:fs/promises';
import { replaceSettingsTable } from './settings-table.ts';
import { renderTablesPage } from './tables-page.ts';

// Writes what the documents take from the code: the data dictionary, and the settings table of the README.
const readmePath = new URL('../../README.md', import.meta.url);
await writeFile(new URL('../../docs/tables.md', import.meta.url), renderTablesPage());
await writeFile(readmePath, replaceSettingsTable(await readFile(readmePath, 'utf8')));
console.log('Wrote docs/tables.md and the settings table of README.md');
