import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { prestoTypes } from '../../infra/warehouse/warehouse-view.ts';
import { savedQueryNames, savedQueryTitles } from '../../lambda/contract/saved-queries.ts';
import { type ViewName, viewNames, views } from '../../lambda/contract/views.ts';
import { createS3Client, createS3Output } from '../../lambda/output/s3-output.ts';
import { formatTable } from '../../lambda/query/format-rows.ts';
import { answerPage, pageHistory } from '../docs/querying-page.ts';
import { step } from '../engines/step.ts';
import { randomHistory } from '../views/random-history.ts';
import { replayHistory } from '../views/replay.ts';
import { describeSavedQueryScenario, readUnload } from '../views/saved-query-scenario.ts';
import { createTimes, readView, sortRows, type Times } from '../views/scenario.ts';
import { describeScenarios } from '../views/scenarios.ts';
import { type HistorySnapshot, writeHistory } from '../views/write-history.ts';
import { type Catalogue, registerCatalogue, synthesizeCatalogue } from './catalogue.ts';
import type { AthenaEngines } from './engines.ts';
import { openTrinoEngine } from './trino-engine.ts';

const randomHistories = 6;
const seed = 20261125;

/** Every view and saved query of the synthesized catalogue, over histories that the product's writers wrote, on Trino. */
export async function proveViews({ moto, s3, trinoUrl }: AthenaEngines): Promise<void> {
  const times = createTimes(Date.now());
  const scenarios = describeScenarios(times);
  const histories = fc.sample(randomHistory(times), { numRuns: randomHistories, seed });
  const catalogueOf = await step('a deployment is synthesized', async () => synthesizeCatalogue(times.date(-45)));
  const client = createS3Client(s3.environment);
  const open: OpenHistory = async (name, history) => {
    const catalogue = catalogueOf(name);
    s3.buckets.add(catalogue.bucket);
    await registerCatalogue(moto, catalogue);
    await writeHistory(createS3Output(catalogue.outputUri, client), history);
    return { catalogue, engine: openTrinoEngine(trinoUrl, catalogue.database) };
  };
  try {
    await step('every view has the columns of the contract, with its types, in its order', async () => {
      const { engine } = await open('empty', []);
      for (const view of viewNames) {
        const { rows } = await engine.query(`describe ${view}`);
        const declared = views[view].columns.map(({ name, type }) => [name, prestoTypes[type]]);
        assert.deepEqual(
          rows.map(([name, type]) => [name, type]),
          declared,
          view,
        );
        assert.deepEqual(await readView(engine, view), [], `${view} of nothing`);
      }
    });
    for (const [index, { name, history, expected }] of scenarios.entries()) {
      await step(name, async () => {
        const { engine } = await open(`scenario-${index}`, history);
        for (const [view, rows] of Object.entries(expected)) {
          assert.deepEqual(await readView(engine, view as ViewName), sortRows(rows), view);
        }
      });
    }
    await step(
      `${randomHistories} random histories (seed ${seed}) tell the same as looking up what is current after each snapshot`,
      async () => {
        for (const [index, history] of histories.entries()) {
          const { engine } = await open(`random-${index}`, history);
          const expected = replayHistory(history);
          assert.deepEqual(await readView(engine, 'metric_group_history'), sortRows(expected.history), JSON.stringify(history));
          assert.deepEqual(await readView(engine, 'metric_group_changes'), sortRows(expected.changes), JSON.stringify(history));
        }
      },
    );
    await proveSavedQueries(times, open);
    await step('docs/querying.md shows what its queries answer here too', async () => {
      const page = readFileSync(new URL('../../docs/querying.md', import.meta.url), 'utf8');
      const { engine } = await open('page', pageHistory(times));
      assert.equal(await answerPage(page, times, async (sql) => formatTable(await engine.query(sql))), page);
    });
  } finally {
    client.destroy();
  }
}

/** Deploys a catalogue under a name, and writes a history into it. */
type OpenHistory = (
  name: string,
  history: readonly HistorySnapshot[],
) => Promise<{ readonly catalogue: Catalogue; readonly engine: ReturnType<typeof openTrinoEngine> }>;

async function proveSavedQueries(times: Times, open: OpenHistory): Promise<void> {
  const scenario = describeSavedQueryScenario(times);
  const { catalogue, engine } = await open('saved', scenario.history);
  for (const name of savedQueryNames) {
    const title = savedQueryTitles[name];
    await step(`saved query: ${title}`, async () => {
      const sql = catalogue.savedQueries.find(({ Name }) => Name === title)?.QueryString;
      assert.ok(sql, 'it is not in the template');
      if (!name.startsWith('unload_')) return assert.deepEqual((await engine.query(scenario.adapt(sql))).rows, scenario.expected[name]);
      const { select } = readUnload(sql);
      // Athena alone knows UNLOAD: the same select, written as the same kind of files, read back.
      await engine.query('create schema local.unloaded');
      await engine.query(`create table local.unloaded.current with (format = 'PARQUET') as ${select}`);
      const { rows } = await engine.query('select * from local.unloaded.current order by project_key, metric_group_key');
      assert.deepEqual(rows, scenario.expected[name]);
    });
  }
}
