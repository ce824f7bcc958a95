import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSavedQuery, type SavedQueryName, savedQueryNames, savedQueryTitles } from '../../lambda/contract/saved-queries.ts';
import { type Column, type TableName, tables } from '../../lambda/contract/tables.ts';
import { views } from '../../lambda/contract/views.ts';
import { formatTable } from '../../lambda/query/format-rows.ts';
import { withDuckdbEngine } from '../views/duckdb-engine.ts';
import { createTimes } from '../views/scenario.ts';
import { blocksOf } from './markdown.ts';
import { answerPage, pageHistory, statementsOf } from './querying-page.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/querying.md');
const readSaved = (name: string): string => readSavedQuery(name as SavedQueryName, '').sql;

describe('docs/querying.md', () => {
  it('shows what its queries answer', async () => {
    const times = createTimes(Date.now());
    await withDuckdbEngine(pageHistory(times), async ({ query }) => {
      const answered = await answerPage(page, times, async (sql) => formatTable(await query(sql)));
      expect(page, 'an answer in docs/querying.md is another: run `npm run docs` and look at what it writes').toBe(answered);
    });
  });

  it('has no query without an answer but those that make a table, whose select runs', async () => {
    const without = blocksOf(page.replaceAll(/^```sql\n(?:(?!```)[\s\S])*```\n\n```text$/gm, ''), 'sql');
    const selects = without.map((sql) => /^create table .*?^as (?<select>select .*)/ms.exec(sql)?.groups?.['select'] ?? sql);
    expect(selects.length).toBe(1);
    await withDuckdbEngine([], async ({ query }) => {
      for (const select of selects) expect((await query(select.replaceAll('metric_group_sync.', ''))).rows).toEqual([]);
    });
  });

  it('draws tables that there are, with their columns, types and keys', () => {
    const [diagram = ''] = blocksOf(page, 'mermaid');
    const entities = [...diagram.matchAll(/^ {2}(\w+) \{\n(.*?)^ {2}\}$/gms)].filter(([, name]) => name !== 'exported_event');
    expect(entities.map(([, name = '']) => name).toSorted()).toEqual(Object.keys(tables).toSorted());
    for (const [, name = '', body = ''] of entities) {
      const columns: readonly Column[] = tables[name as TableName].columns;
      for (const [, type, column] of body.matchAll(/^ {4}(\w+) (\w+)/gm)) {
        expect(columns).toContainEqual(expect.objectContaining({ name: column, type }));
      }
    }
  });

  it('names every view and every saved query', () => {
    expect(Object.keys(views).filter((view) => !page.includes(`\`${view}\``))).toEqual([]);
    const titles = savedQueryNames.map((name) => savedQueryTitles[name]);
    expect([...page.matchAll(/^\| (.*?) \| (?:–|project.*|a folder.*) \|$/gm)].map(([, title]) => title)).toEqual(titles);
  });
});

it.each(['README.md', 'docs/querying.md', 'docs/deployment.md', 'docs/runbook.md', 'CONTRIBUTING.md'])(
  'what %s asks through `npm run query` is a statement or a saved query that runs',
  async (path) => {
    const statements = statementsOf(blocksOf(read(path), 'sh').join('\n'));
    await withDuckdbEngine([], async ({ query }) => {
      for (const statement of statements) {
        const { rows } = await query(/^\w+$/.test(statement) ? readSaved(statement) : statement);
        expect(Array.isArray(rows), statement).toBe(true);
      }
    });
  },
);
