import { describe, expect, it } from 'vitest';
import { readSavedQuery, type SavedQueryName, savedQueryNames } from '../../lambda/contract/saved-queries.ts';
import { withDuckdbEngine } from './duckdb-engine.ts';
import { describeSavedQueryScenario, readUnload } from './saved-query-scenario.ts';
import { createTimes, sortRows } from './scenario.ts';

const todayMs = Date.UTC(2028, 2, 20);
const scenario = describeSavedQueryScenario(createTimes(todayMs));
const read = (name: SavedQueryName) => readSavedQuery(name, 's3://bucket/results/');

describe('the saved queries, over a local output', () => {
  it('answer what they are named for', async () => {
    await withDuckdbEngine(
      scenario.history,
      async (engine) => {
        for (const name of savedQueryNames) {
          const { sql } = read(name);
          const rows = name.startsWith('unload_')
            ? sortRows((await engine.query(readUnload(sql).select)).rows)
            : (await engine.query(scenario.adapt(sql))).rows;
          expect([name, rows]).toEqual([name, scenario.expected[name]]);
        }
      },
      todayMs,
    );
  });

  it('are empty, or say so, where nothing was published', async () => {
    await withDuckdbEngine([], async (engine) => {
      for (const name of savedQueryNames) {
        const { sql } = read(name);
        const { rows } = await engine.query(name.startsWith('unload_') ? readUnload(sql).select : scenario.adapt(sql));
        expect([name, rows]).toEqual([name, name === 'is_todays_snapshot_there' ? [[false, false, null, null, null, null, null]] : []]);
      }
    });
  });

  it('tell what they are about, and what is to be put in', () => {
    expect(read('experiments_of_a_group')).toMatchObject({
      title: 'The experiments of one group, by environment',
      description: 'The experiments that use one metric group, by environment. Put your own keys in the second line.',
    });
    for (const name of savedQueryNames) {
      const { description, sql } = read(name);
      expect(description, name).toMatch(/^[A-Z].*\.$/);
      expect(description.includes('in the second line'), name).toBe(/^.*\nwith asked /.test(sql));
    }
  });
});
