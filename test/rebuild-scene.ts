import { gunzipSync, gzipSync } from 'node:zlib';
import { parseDate } from '../lambda/contract/instants.ts';
import { commitObject, type Snapshot, snapshotAt, tableObject } from '../lambda/contract/objects.ts';
import type { TableName } from '../lambda/contract/tables.ts';
import { type RebuildJob, rebuildSnapshots, type SnapshotRebuild } from '../lambda/rebuild-snapshots.ts';
import type { SimulatedLaunchDarkly } from './launchdarkly/server.ts';
import { createMemoryOutput, type MemoryOutput } from './memory-output.ts';
import { readLines, runSync } from './run-sync.ts';

/** Objects by their names. */
export type Objects = Map<string, Buffer>;

/** A snapshot that this version published, and ways to make of it what an older one might have left. */
export type PublishedSnapshot = {
  readonly snapshot: Snapshot;
  /** A copy of its objects. */
  copy(): Objects;
  /** The name of a table's first object. */
  nameOf(table: TableName): string;
  /** Replaces the rows of a table. */
  alterRows(objects: Objects, table: TableName, change: (rows: Row[]) => Row[]): void;
  /** Replaces the text of a table. */
  alterText(objects: Objects, table: TableName, change: (text: string) => string): void;
  /** Rebuilds the snapshots of its date. */
  rebuild(output: MemoryOutput, options?: Partial<RebuildJob>): Promise<SnapshotRebuild[]>;
};

type Row = Record<string, unknown>;

/** Takes a snapshot of a minute ago. */
export async function publishSnapshotOf(server: SimulatedLaunchDarkly): Promise<PublishedSnapshot> {
  const snapshot = snapshotAt(Date.now() - 60_000);
  const { objects: published } = createMemoryOutput();
  await runSync(server, createMemoryOutput(published), { snapshot });
  const nameOf = (table: TableName): string => (table === 'sync_snapshots' ? commitObject(snapshot) : tableObject(table, snapshot, 0));
  return {
    snapshot,
    copy: () => new Map(published),
    nameOf,
    alterRows: (objects, table, change) => objects.set(nameOf(table), zip(change(readLines(objects.get(nameOf(table)))))),
    alterText: (objects, table, change) => objects.set(nameOf(table), gzipSync(change(textOf(objects, nameOf(table))))),
    rebuild: (output, options) => {
      const day = parseDate(snapshot.date) ?? Number.NaN;
      return rebuildAll(output, { range: { fromMs: day, toMs: day }, ...options });
    },
  };
}

/** Rebuilds the snapshots of some dates. */
export async function rebuildAll(
  output: MemoryOutput,
  options: Pick<RebuildJob, 'range'> & Partial<RebuildJob>,
): Promise<SnapshotRebuild[]> {
  const job = { output, isDryRun: false, interrupt: new AbortController().signal, onBegin: () => {}, ...options };
  const rebuilds: SnapshotRebuild[] = [];
  for await (const rebuild of rebuildSnapshots(job)) rebuilds.push(rebuild);
  return rebuilds;
}

/** Gzipped JSON lines. */
export const zip = (rows: readonly unknown[]): Buffer => gzipSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

/** The text of an object. */
export const textOf = (objects: Objects, object: string): string => gunzipSync(objects.get(object) ?? '').toString('utf8');

/** Names and texts of all objects: what readers see of them. */
export const textsOf = (objects: Objects): Record<string, string> =>
  Object.fromEntries([...objects.keys()].sort().map((object) => [object, textOf(objects, object)]));
