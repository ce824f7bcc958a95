import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ViewName, viewNames, views } from '../../lambda/contract/views.ts';
import { duckdbTypes } from '../../lambda/query/duckdb-dialect.ts';
import { withDuckdbEngine } from './duckdb-engine.ts';
import { randomHistory } from './random-history.ts';
import { replayHistory } from './replay.ts';
import { createTimes, readView, sortRows } from './scenario.ts';
import { describeScenarios } from './scenarios.ts';

/** A day that has a month's end, and a leap day, in its last 30. */
const todayMs = Date.UTC(2028, 2, 20);
const times = createTimes(todayMs);

describe('the views, over a local output', () => {
  it.for(describeScenarios(times))('$name', async ({ history, expected }) => {
    await withDuckdbEngine(
      history,
      async (engine) => {
        for (const [view, rows] of Object.entries(expected)) {
          expect([view, await readView(engine, view as ViewName)]).toEqual([view, sortRows(rows)]);
        }
      },
      todayMs,
    );
  });

  it('tell the history of any snapshots as looking up what is current after each of them does', async () => {
    await fc.assert(
      fc.asyncProperty(randomHistory(times), (history) =>
        withDuckdbEngine(history, async (engine) => {
          const expected = replayHistory(history);
          expect(await readView(engine, 'metric_group_history')).toEqual(sortRows(expected.history));
          expect(await readView(engine, 'metric_group_changes')).toEqual(sortRows(expected.changes));
        }),
      ),
      { numRuns: 5 },
    );
  });

  it('are all empty where nothing was published, and have the columns of the contract, with its types, in its order', async () => {
    await withDuckdbEngine([], async (engine) => {
      for (const view of viewNames) {
        expect(await readView(engine, view)).toEqual([]);
        const { rows } = await engine.query(`describe ${view}`);
        expect([view, rows.map(([name, type]) => [name, type])]).toEqual([
          view,
          views[view].columns.map(({ name, type }) => [name, duckdbTypes[type]]),
        ]);
      }
    });
  });
});
