import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DataTableName } from '../../lambda/contract/tables.ts';

/** A line of a part or a row of a table. */
export type Line = Readonly<Record<string, unknown>>;

/** All files below a directory, hidden ones included, as sorted names from there; none where it does not exist. */
export function listFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [relative(directory, join(entry.parentPath, entry.name))])).sort();
}

/** The content of a file, unpacked where it is a gzip. */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** The lines of all objects whose name matches, in the order of the names; what a killed run left hidden is no object. */
export function readLines(directory: string, name: RegExp): string[] {
  const objects = listFiles(directory).filter((file) => name.test(file) && !basename(file).startsWith('.'));
  const texts = objects.map((file) => readText(join(directory, file)));
  return texts.flatMap((text) => text.split('\n').slice(0, -1));
}

/** The rows of a table over all snapshots. */
export function readTable(directory: string, table: DataTableName | 'sync_snapshots'): Line[] {
  return readLines(directory, new RegExp(`^tables/${table}/`)).map((line) => JSON.parse(line) as Line);
}

/** The outcomes that the parts hold, in the order of their names. */
export function readParts(directory: string): Line[] {
  return readLines(directory, /\/parts\/\d{5}-\d{5}\.jsonl\.gz$/).map((line) => JSON.parse(line) as Line);
}

/** `project/group` of a line. */
export const targetOf = (line: Line): string => `${line['project_key']}/${line['metric_group_key']}`;

/** Outcomes by `project/group`, from the rows of `sync_targets`. */
export function readOutcomes(directory: string): Record<string, Line> {
  return Object.fromEntries(readTable(directory, 'sync_targets').map((row) => [targetOf(row), row]));
}

/**
 * What two syncs of the same answers share: the bytes of the own columns and the hash of each row of the three tables of groups,
 * and of each target what does not depend on time.
 */
export function readComparableLines(directory: string): Record<string, string[]> {
  const ownBytes = (table: DataTableName): string[] =>
    readLines(directory, new RegExp(`^tables/${table}/`)).map((line) => {
      const [own, rest = ''] = line.split(',"extracted_at":"');
      return `${own} ${/"row_hash":"\w+"/.exec(rest)?.[0]}`;
    });
  return {
    metric_groups: ownBytes('metric_groups'),
    metric_group_metrics: ownBytes('metric_group_metrics'),
    metric_group_experiments: ownBytes('metric_group_experiments'),
    sync_targets: readTable(directory, 'sync_targets').map(({ status, http_status, error_code, discovered, ...row }) =>
      JSON.stringify([targetOf(row), status, http_status, error_code, discovered]),
    ),
  };
}

/**
 * Everything that an output says, as one text: names of files, contents as they stand, and every string with its JSON escapes undone,
 * also those of JSON within a string.
 */
export function readEverything(directory: string): string {
  const files = listFiles(directory);
  const contents = files.map((file) => readText(join(directory, file)));
  return [...files, ...contents, ...contents.flatMap((content) => content.split('\n')).flatMap(stringsWithin)].join('\n');
}

function stringsWithin(text: string): string[] {
  if (!/["[{]/.test(text)) return [];
  const found: string[] = [];
  try {
    JSON.parse(text, (name, value: unknown) => {
      found.push(name);
      if (typeof value === 'string') found.push(value, ...stringsWithin(value));
      return value;
    });
  } catch {
    // No JSON, or nested deeper than a reviver follows: the text as it stands is looked at anyway.
  }
  return found;
}
