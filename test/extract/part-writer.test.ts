import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { snapshotAt } from '../../lambda/contract/objects.ts';
import type { PartLine } from '../../lambda/contract/raw.ts';
import { createPartWriter } from '../../lambda/extract/part-writer.ts';
import { createMemoryOutput } from '../memory-output.ts';
import { readLines } from '../run-sync.ts';

const snapshot = snapshotAt(Date.UTC(2026, 10, 23, 6));
const parts = (objects: Map<string, Buffer>): Record<string, unknown[]> =>
  Object.fromEntries(
    [...objects].map(([object, content]) => [object.slice(-20, -9), readLines(content).map((line) => line['metric_group_key'])]),
  );

function line(key: string, body: string | null = null): PartLine {
  return {
    project_key: 'demo',
    metric_group_key: key,
    status: 'succeeded',
    http_status: 200,
    error_code: null,
    error_message: null,
    attempts: 1,
    rate_limited_count: 0,
    duration_ms: 1,
    extracted_at: snapshot.at,
    body,
  };
}

function open(nextPart = new Map<number, number>()) {
  const output = createMemoryOutput();
  const errors: unknown[] = [];
  const foreign: string[] = [];
  const writer = createPartWriter({
    output,
    snapshot,
    nextPart,
    onWritten: () => {},
    onForeignPart: async ({ name }) => {
      foreign.push(name);
    },
    onError: (error) => errors.push(error),
  });
  return { output, writer, errors, foreign };
}

describe('a part', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is written when its slice is done, in the plan's order", async () => {
    const { output, writer } = open();
    writer.expect({ index: 0, targets: [] }, 3);
    for (const [position, key] of [
      [2, 'c'],
      [0, 'a'],
    ] as const)
      writer.add(0, position, line(key));
    expect(output.created).toEqual([]);
    writer.add(0, 1, line('b'));
    await writer.settle();
    expect(parts(output.objects)).toEqual({ '00000-00000': ['a', 'b', 'c'] });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is written 10 s after its first outcome, and not before', async () => {
    const { output, writer } = open();
    writer.expect({ index: 0, targets: [] }, 100);
    writer.add(0, 0, line('a'));
    await vi.advanceTimersByTimeAsync(9_000);
    writer.add(0, 1, line('b'));
    await vi.advanceTimersByTimeAsync(999);
    expect(output.created).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await vi.waitFor(() => expect(parts(output.objects)).toEqual({ '00000-00000': ['a', 'b'] }));
    writer.add(0, 2, line('c'));
    await writer.settle();
    expect(parts(output.objects)).toEqual({ '00000-00000': ['a', 'b'], '00000-00001': ['c'] });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is written early when its bodies are huge', async () => {
    const { output, writer } = open();
    writer.expect({ index: 0, targets: [] }, 100);
    for (const position of [0, 1, 2]) writer.add(0, position, line(String(position), 'x'.repeat(3 * 1024 * 1024)));
    await vi.waitFor(() => expect(parts(output.objects)).toEqual({ '00000-00000': ['0', '1', '2'] }));
  });

  test('takes the next free number, after those of earlier runs and of others', async () => {
    const { output, writer, foreign } = open(new Map([[7, 2]]));
    output.beforeCreate = (object) => {
      output.beforeCreate = undefined;
      output.objects.set(object, Buffer.from('of another run'));
    };
    writer.expect({ index: 7, targets: [] }, 1);
    writer.add(7, 0, line('a'));
    await writer.settle();
    expect(foreign).toEqual(['00007-00002']);
    expect(output.created.map((object) => object.slice(-20, -9))).toEqual(['00007-00003']);
  });

  test('that cannot be written ends the run with the first error', async () => {
    const { output, writer, errors } = open();
    const full = new Error('the disk is full');
    output.beforeCreate = () => {
      throw full;
    };
    writer.expect({ index: 0, targets: [] }, 1);
    writer.add(0, 0, line('a'));
    writer.expect({ index: 1, targets: [] }, 1);
    writer.add(1, 0, line('b'));
    await expect(writer.settle()).rejects.toBe(full);
    expect(errors).toEqual([full]);
  });
});
