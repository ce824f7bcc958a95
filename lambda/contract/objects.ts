import { formatInstant, parseInstant } from './instants.ts';
import type { DataTableName, TableName } from './tables.ts';

/** How many consecutive targets of the plan share a slice, and so a part. */
export const targetsPerSlice = 100;

/** How many rows every object of a table holds, except the table's last. */
export const rowsPerObject = 100_000;

/** How many slices fit the five digits of their number. */
export const maxSlices = 100_000;

/** The identity of a snapshot and how it is written in names and rows. */
export type Snapshot = {
  /** The instant in UTC, `20261123T060000Z`. */
  readonly id: string;
  /** The UTC date of the instant, `2026-11-23`. */
  readonly date: string;
  /** The instant as tables write it. */
  readonly at: string;
  /** The instant in Unix milliseconds. */
  readonly atMs: number;
};

/** The snapshot taken at an instant (Unix milliseconds, cut to whole seconds). */
export function snapshotAt(ms: number): Snapshot {
  const atMs = Math.floor(ms / 1000) * 1000;
  const at = formatInstant(atMs);
  return { id: `${at.slice(0, 19).replaceAll(/[-:]/g, '').replace(' ', 'T')}Z`, date: at.slice(0, 10), at, atMs };
}

/** The snapshot of an id; undefined where the text is no id. */
export function snapshotOfId(id: string): Snapshot | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(id)?.slice(1) ?? [];
  const ms = parseInstant(`${parts.slice(0, 3).join('-')}T${parts.slice(3).join(':')}Z`);
  return ms === undefined ? undefined : snapshotAt(ms);
}

const number = (value: number): string => String(value).padStart(5, '0');

/** What the names of all raw objects begin with whose snapshots' dates begin so. */
export const rawDatePrefix = (date: string): string => `raw/snapshot_date=${date}`;

/** What the names of all commits begin with whose snapshots' dates begin so. */
export const commitDatePrefix = (date: string): string => `${tablePrefix('sync_snapshots')}snapshot_date=${date}`;

/** The snapshot of a raw object, and what it is to it; undefined for any other object. */
export function readRawObject(object: string): { readonly snapshot: Snapshot; readonly isSeal: boolean } | undefined {
  const [, id = ''] = /^raw\/snapshot_date=[^/]+\/([^/]+)\//.exec(object) ?? [];
  const snapshot = snapshotOfId(id);
  return snapshot !== undefined && object.startsWith(rawPrefix(snapshot))
    ? { snapshot, isSeal: object === sealObject(snapshot) }
    : undefined;
}

const rawPrefix = (snapshot: Snapshot): string => `raw/snapshot_date=${snapshot.date}/${snapshot.id}/`;

/** The object that holds the resolved targets. */
export const planObject = (snapshot: Snapshot): string => `${rawPrefix(snapshot)}plan.jsonl.gz`;

/** The object that holds the decision to publish. */
export const sealObject = (snapshot: Snapshot): string => `${rawPrefix(snapshot)}seal.json.gz`;

/** The prefix of a snapshot's parts. */
export const partsPrefix = (snapshot: Snapshot): string => `${rawPrefix(snapshot)}parts/`;

/** What the names of a slice's parts begin with. */
export const slicePrefix = (snapshot: Snapshot, slice: number): string => `${partsPrefix(snapshot)}${number(slice)}-`;

/** The name of a part within its snapshot: slice and number, `00000-00000`. */
export const partName = (slice: number, part: number): string => `${number(slice)}-${number(part)}`;

/** The object of a part, by the part's name. */
export const partObject = (snapshot: Snapshot, name: string): string => `${partsPrefix(snapshot)}${name}.jsonl.gz`;

/** The part that an object holds; undefined for any other object. */
export function readPartObject(snapshot: Snapshot, object: string): { name: string; slice: number; part: number } | undefined {
  const prefix = partsPrefix(snapshot);
  const match = object.startsWith(prefix) ? /^(\d{5})-(\d{5})\.jsonl\.gz$/.exec(object.slice(prefix.length)) : null;
  return match ? { name: `${match[1]}-${match[2]}`, slice: Number(match[1]), part: Number(match[2]) } : undefined;
}

/** The folder of a table, which is also its location in the catalogue. */
export const tablePrefix = (table: TableName): string => `tables/${table}/`;

/** An object of one of the four data tables, numbered from 0. */
export const tableObject = (table: DataTableName, snapshot: Snapshot, index: number): string =>
  `${tableObjectsPrefix(table, snapshot)}${number(index)}.jsonl.gz`;

/** What the names of a snapshot's objects of one of the four data tables begin with; the number and `.jsonl.gz` follow. */
export const tableObjectsPrefix = (table: DataTableName, snapshot: Snapshot): string =>
  `${tablePrefix(table)}snapshot_date=${snapshot.date}/${snapshot.id}-`;

/** The commit: the object of `sync_snapshots`, written last. */
export const commitObject = (snapshot: Snapshot): string =>
  `${tablePrefix('sync_snapshots')}snapshot_date=${snapshot.date}/${snapshot.id}.jsonl.gz`;

/** The snapshot id that a commit's object is named after; undefined for any other object. */
export const readCommitObject = (object: string): string | undefined =>
  /^tables\/sync_snapshots\/snapshot_date=\d{4}-\d{2}-\d{2}\/(\d{8}T\d{6}Z)\.jsonl\.gz$/.exec(object)?.[1];
