import { readFileSync, writeFileSync } from 'node:fs';
import { renderTable } from '../docs/markdown.ts';
import { replaceBetween } from '../docs/replace-between.ts';
import type { Fault } from './fault.ts';
import type { FaultReport } from './run-fault.ts';

const page = new URL('../../docs/reliability.md', import.meta.url);
const markers = ['<!-- faults: written by `npm run test:faults -- --write-docs` -->', '<!-- end of faults -->'] as const;

/** What was seen, the most frequent first. */
export const describeSeen = (seen: ReadonlyMap<string, number>): string =>
  [...seen]
    .sort(([, a], [, b]) => b - a)
    .map(([what, times]) => `${what} (${times})`)
    .join(' · ');

/** Writes what a whole run came to into docs/reliability.md, in the order of the faults. */
export function writeReliabilityPage(reports: readonly FaultReport[], faults: readonly Fault[], seed: number): void {
  const rows = faults.flatMap((fault) => {
    const report = reports.find((other) => other.fault === fault);
    return report === undefined ? [] : [[fault.name, String(report.trials), fault.promise, describeSeen(report.seen), String(seed)]];
  });
  const searched = Math.round(reports.reduce((sum, report) => sum + report.searched, 0) / 1e6);
  const table = renderTable(
    ['Fault', 'Trials', 'Promise', 'Seen', 'Seed'],
    [...rows, [secrets.name, `${searched} million characters`, secrets.promise, 'nothing', String(seed)]],
  );
  writeFileSync(page, replaceBetween(readFileSync(page, 'utf8'), markers, table));
}

/** What is looked for in all trials. */
export const secrets = {
  name: 'secrets and people, in all of the above',
  promise:
    "The token is in no byte written, logged or printed; with `omit` and `hash`, neither is a maintainer's e-mail address, first or last name.",
};
