import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { snapshotAt, tableObject } from '../../lambda/contract/objects.ts';
import { createTableWriter } from '../../lambda/load/table-writer.ts';
import { createOnly } from '../../lambda/publish-snapshot.ts';
import { createMemoryOutput } from '../memory-output.ts';

const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00Z'));
const block = 64 * 1024;

async function writeLines(lines: readonly string[]): Promise<Buffer> {
  const output = createMemoryOutput();
  const writer = createTableWriter(output, 'metric_groups', snapshot, createOnly);
  await writer.append(lines);
  await writer.finish();
  return gunzipSync(output.objects.get(tableObject('metric_groups', snapshot, 0)) as Buffer);
}

test('no byte is lost where a row fills a block to its last byte, or is larger by a few', async () => {
  // A euro sign has three bytes for one unit: the most there is.
  for (const first of ['\n', 'a\n', 'ab\n']) {
    for (const units of [-2, -1, 0, 1, 2].map((more) => Math.floor((block - first.length) / 3) + more)) {
      const lines = [first, `${'€'.repeat(units)}\n`, '€'.repeat(units), 'last\n'];
      expect((await writeLines(lines)).equals(Buffer.from(lines.join(''))), `${first.length} and ${units} units`).toBe(true);
    }
  }
});

test('a table without rows is an empty object', async () => {
  expect(await writeLines([])).toHaveLength(0);
});
