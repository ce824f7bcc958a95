import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ViewName, viewNames } from '../../lambda/contract/views.ts';
import { askWarehouse } from '../../lambda/query/ask-warehouse.ts';
import { openLocalWarehouse } from '../../lambda/query/open-local-warehouse.ts';
import { registerCatalogue, synthesizeCatalogue } from '../athena/catalogue.ts';
import { type AthenaEngines, startEngines } from '../athena/engines.ts';
import { findJava } from '../athena/java.ts';
import { openTrinoEngine } from '../athena/trino-engine.ts';
import { createTimes, type QueryEngine } from '../views/scenario.ts';
import { groupCount, makeDailySnapshots } from './daily-snapshots.ts';
import type { Figure, Findings } from './figures.ts';

/** What one view took over some days of snapshots. */
type Reading = {
  readonly view: ViewName;
  readonly days: number;
  readonly rows: number;
  readonly duckdbMs: number;
  /** Undefined where there is no Java to run Trino on. */
  readonly trino?: { readonly ms: number; readonly lists: number; readonly gets: number };
};

const lookBack: readonly ViewName[] = viewNames.filter((view) => view !== 'metric_group_history' && view !== 'metric_group_changes');

/** Reads each view whole, over ever longer histories: objects listed and read, and time. */
export async function measureViews(isQuick: boolean): Promise<Findings> {
  const sizes = isQuick ? [30, 365] : [30, 365, 1000];
  const folder = await mkdtemp(join(tmpdir(), 'metric-group-sync-bench-'));
  const closers: (() => Promise<void>)[] = [];
  try {
    const java = findJava(process.env);
    const engines =
      java &&
      (await startEngines({
        java,
        folder,
        interrupt: new AbortController().signal,
        closeLater: (close) => closers.push(close),
        heapGigabytes: 4,
      }));
    const readings: Reading[] = [];
    for (const days of sizes) readings.push(...(await readViews(days, join(folder, String(days)), engines || undefined)));
    return describeReadings(sizes, readings);
  } finally {
    for (const close of closers.reverse()) await close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function readViews(days: number, directory: string, engines: AthenaEngines | undefined): Promise<Reading[]> {
  const nowMs = Date.now();
  const name = `days-${days}`;
  for await (const { object, content } of makeDailySnapshots(days, nowMs)) {
    const path = join(directory, object);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    engines?.s3.objects.set(`${name}/metric-groups/${object}`, { body: content, metadata: {}, contentType: 'application/gzip' });
  }
  // The shortest history is looked at for as many days as the others: what is not there costs a listing too.
  const catalogue = synthesizeCatalogue(createTimes(nowMs).date(-Math.max(days - 1, 31)))(name);
  if (engines) {
    engines.s3.buckets.add(name);
    await registerCatalogue(engines.moto, catalogue);
  }
  const warehouse = await openLocalWarehouse(directory);
  const local: QueryEngine = { query: (sql) => askWarehouse(warehouse, sql) };
  const readings: Reading[] = [];
  for (const view of viewNames) {
    const duckdb = await time(local, view);
    const trino = engines && (await readOnTrino(engines, catalogue.database, view));
    readings.push({ view, days, rows: duckdb.rows, duckdbMs: duckdb.ms, ...(trino ? { trino } : {}) });
  }
  warehouse.close();
  return readings;
}

async function readOnTrino({ s3, trinoUrl }: AthenaEngines, database: string, view: ViewName): Promise<NonNullable<Reading['trino']>> {
  s3.requests.length = 0;
  const { ms } = await time(openTrinoEngine(trinoUrl, database), view);
  const lists = s3.requests.filter(({ method, key }) => method === 'GET' && key === '').length;
  const gets = s3.requests.filter(({ method, key }) => method === 'GET' && key !== '').length;
  return { ms, lists, gets };
}

async function time(engine: QueryEngine, view: ViewName): Promise<{ ms: number; rows: number }> {
  const startedAt = performance.now();
  const { rows } = await engine.query(`select * from ${view}`);
  return { ms: performance.now() - startedAt, rows: rows.length };
}

function describeReadings(sizes: readonly number[], readings: readonly Reading[]): Findings {
  const [shortest = 0, ...longer] = sizes;
  const requests = (view: ViewName, days: number): number => {
    const trino = readings.find((reading) => reading.view === view && reading.days === days)?.trino;
    return trino === undefined ? Number.NaN : trino.lists + trino.gets;
  };
  const listed = (view: ViewName, days: number): number =>
    readings.find((reading) => reading.view === view && reading.days === days)?.trino?.lists ?? Number.NaN;
  const figures: Figure[] = longer.flatMap((days) => [
    {
      name: `views of 30 days: requests at ${days} ÷ at ${shortest}`,
      sync: Math.max(...lookBack.map((view) => requests(view, days) / requests(view, shortest))),
      bound: { atMost: 1.1 },
      digits: 2,
    },
    {
      name: `history, changes: LISTs a day, ${days} days`,
      sync: Math.max(...(['metric_group_history', 'metric_group_changes'] as const).map((view) => listed(view, days) / days)),
      bound: { atMost: 3.02 },
      digits: 2,
    },
  ]);
  const notes = readings.map(({ view, days, rows, duckdbMs, trino }) => {
    const onTrino = trino
      ? `${trino.lists} LISTs, ${trino.gets} GETs, Trino ${(trino.ms / 1000).toFixed(1)} s`
      : 'no Java from 24 on: not on Trino';
    return `${view.padEnd(34)} ${String(days).padStart(5)} days ${String(rows).padStart(7)} rows  ${onTrino}, DuckDB ${(duckdbMs / 1000).toFixed(2)} s`;
  });
  return {
    title: `Each view read whole, over daily snapshots of ${groupCount} groups`,
    figures: readings.some(({ trino }) => trino) ? figures : [],
    notes,
  };
}
