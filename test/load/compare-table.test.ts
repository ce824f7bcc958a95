import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { rowsPerObject, snapshotAt, tableObject } from '../../lambda/contract/objects.ts';
import { createTableComparer, type TableComparison } from '../../lambda/load/compare-table.ts';
import { listTableObjects } from '../../lambda/load/stored-rows.ts';
import { createTableWriter } from '../../lambda/load/table-writer.ts';
import { createMemoryOutput, type MemoryOutput } from '../memory-output.ts';

const snapshot = snapshotAt(Date.parse('2026-11-23T06:00:00Z'));
const objectName = (index: number): string => tableObject('metric_groups', snapshot, index);
const rowOf = (key: string, name = 'n'): string => `${JSON.stringify({ project_key: 'p', metric_group_key: key, name })}\n`;
const rowsUpTo = (count: number): string[] => Array.from({ length: count }, (_, index) => rowOf(String(index).padStart(6, '0')));

async function write(lines: readonly string[]): Promise<MemoryOutput> {
  const output = createMemoryOutput();
  const writer = createTableWriter(output, 'metric_groups', snapshot, ({ create }, object, content) => create(object, content));
  await writer.append(lines);
  await writer.finish();
  return output;
}

async function compare(output: MemoryOutput, lines: readonly string[]): Promise<TableComparison> {
  const standing = await listTableObjects(output, 'metric_groups', snapshot);
  const comparer = createTableComparer({ output, table: 'metric_groups', standing, objectName });
  for (let start = 0; start < lines.length; start += 1000) await comparer.append(lines.slice(start, start + 1000));
  return comparer.finish();
}

const outcomeOf = ({ rowsBefore, rowsAfter, rowsChanged, toWrite, toRemove }: TableComparison): unknown => [
  [rowsBefore, rowsAfter, rowsChanged],
  [...toWrite].map((object) => object.slice(-14, -9)),
  toRemove.map((object) => object.slice(-14, -9)),
];

describe('a table of many objects', () => {
  const lines = rowsUpTo(rowsPerObject + 1);
  let written: ReadonlyMap<string, Buffer>;
  /** What the writer of tables wrote, with other rows in some of its objects. */
  const standing = (others: Readonly<Record<number, readonly string[]>> = {}): MemoryOutput => {
    const changed = Object.entries(others).map(
      ([index, rows]) => [objectName(Number(index)), gzipSync(rows.join(''), { level: 1 })] as const,
    );
    return createMemoryOutput(new Map([...written, ...changed]));
  };
  beforeAll(async () => {
    written = (await write(lines)).objects;
  });

  it('is the same where the writer of tables wrote it', async () => {
    expect(outcomeOf(await compare(standing(), lines))).toEqual([[100_001, 100_001, 0], [], []]);
  });

  it('differs in the object of the row that differs', async () => {
    const output = standing({ 1: [rowOf('100000', 'old')] });
    expect(outcomeOf(await compare(output, lines))).toEqual([[100_001, 100_001, 1], ['00001'], []]);
  });

  it('differs from the object on in which a row came, in one row', async () => {
    const output = standing({ 0: lines.toSpliced(5, 1), 1: [] });
    expect(outcomeOf(await compare(output, lines))).toEqual([[100_000, 100_001, 1], ['00000', '00001'], []]);
  });

  it('has objects too many where rows went', async () => {
    const output = standing({ 2: [rowOf('200000')] });
    expect(outcomeOf(await compare(output, lines.slice(0, rowsPerObject)))).toEqual([[100_002, 100_000, 2], [], ['00001', '00002']]);
  });

  it('differs where an object holds a row more than it should, also when that row has changed', async () => {
    for (const [name, changed] of [
      ['n', 0],
      ['old', 1],
    ] as const) {
      const output = standing({ 0: [...lines.slice(0, rowsPerObject), rowOf('100000', name)] });
      output.objects.delete(objectName(1));
      expect(outcomeOf(await compare(output, lines))).toEqual([[100_001, 100_001, changed], ['00000', '00001'], []]);
    }
  });
});

describe('a table without rows', () => {
  it('is one empty gzip', async () => {
    expect(outcomeOf(await compare(await write([]), []))).toEqual([[0, 0, 0], [], []]);
    expect(outcomeOf(await compare(createMemoryOutput(), []))).toEqual([[0, 0, 0], ['00000'], []]);
    const empty = createMemoryOutput(new Map([[objectName(0), Buffer.alloc(0)]]));
    expect(outcomeOf(await compare(empty, []))).toEqual([[0, 0, 0], ['00000'], []]);
  });
});

describe('objects that stand', () => {
  it('are those of the snapshot’s table alone, and one that goes while they are read counts as missing', async () => {
    const output = await write(rowsUpTo(3));
    const others = ['-0.jsonl.gz', '-00000.jsonl.gz.bak', '.jsonl.gz', '-000000.jsonl.gz'].map((end) =>
      objectName(0).replace('-00000.jsonl.gz', end),
    );
    for (const object of [...others, tableObject('metric_groups', snapshotAt(snapshot.atMs + 1000), 0)])
      output.objects.set(object, Buffer.from('x'));
    expect(await listTableObjects(output, 'metric_groups', snapshot)).toEqual([objectName(0)]);
    const comparer = createTableComparer({ output, table: 'metric_groups', standing: [objectName(0)], objectName });
    output.objects.delete(objectName(0));
    expect(outcomeOf(await comparer.finish())).toEqual([[0, 0, 0], ['00000'], []]);
  });
});
