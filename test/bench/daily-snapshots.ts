import { gunzipSync, gzipSync } from 'node:zlib';
import { type Snapshot, snapshotAt } from '../../lambda/contract/objects.ts';
import { createMemoryOutput } from '../memory-output.ts';
import { writeHistory } from '../views/write-history.ts';

/** How many groups each snapshot has. */
export const groupCount = 1000;
/** A group changes its name once in so many days. */
const daysBetweenChanges = 100;
const dayMs = 86_400_000;

/**
 * The table objects of daily snapshots up to today: the first written by the product's writers, the others from its text, with the
 * instants of their day, and names and hashes of some groups changed. Metrics and experiments are there for the last 31 days alone: no
 * view reads older ones.
 */
export async function* makeDailySnapshots(
  days: number,
  nowMs: number,
): AsyncGenerator<{ readonly object: string; readonly content: Buffer }> {
  const today = Math.floor(nowMs / dayMs) * dayMs + 6 * 3_600_000;
  const pattern = await writePattern(snapshotAt(today));
  for (let daysAgo = days - 1; daysAgo >= 0; daysAgo--) {
    const snapshot = snapshotAt(today - daysAgo * dayMs);
    for (const { object, text } of pattern.objects) {
      if (daysAgo > 31 && /group_(metrics|experiments)/.test(object)) continue;
      const redated = redate(text, pattern.snapshot, snapshot);
      const changed = object.includes('/metric_groups/') ? changeNames(redated, daysAgo) : redated;
      yield { object: redate(object, pattern.snapshot, snapshot), content: gzipSync(changed, { level: 1 }) };
    }
  }
}

async function writePattern(snapshot: Snapshot): Promise<{ snapshot: Snapshot; objects: { object: string; text: string }[] }> {
  const output = createMemoryOutput();
  const groups = Array.from({ length: groupCount }, (_none, index) => {
    const metrics = Array.from({ length: 5 }, (_metric, position) => `metric-${(index + position) % 400}`);
    return [`project-${index % 10}/group-${index}`, { name: 'Group', metrics, experiments: ['prod/a', 'prod/b', 'test/c'] }] as const;
  });
  await writeHistory(output, [{ atMs: snapshot.atMs, outcomes: Object.fromEntries(groups) }]);
  const written = [...output.objects].filter(([object]) => object.startsWith('tables/'));
  return { snapshot, objects: written.map(([object, content]) => ({ object, text: gunzipSync(content).toString() })) };
}

const redate = (text: string, from: Snapshot, to: Snapshot): string => text.replaceAll(from.id, to.id).replaceAll(from.date, to.date);

function changeNames(text: string, daysAgo: number): string {
  const rows = text.split('\n');
  return rows
    .map((row, index) => {
      const version = Math.floor((daysAgo + index) / daysBetweenChanges);
      return row
        .replace('"name":"Group"', `"name":"Group ${version}"`)
        .replace(/"row_hash":"..../, `"row_hash":"${String(version).padStart(4, '0')}`);
    })
    .join('\n');
}
