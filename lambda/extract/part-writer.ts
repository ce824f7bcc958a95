import { partName, partObject, type Snapshot } from '../contract/objects.ts';
import type { PartLine, PlannedTarget, Status } from '../contract/raw.ts';
import type { Output } from '../output/output.ts';
import type { PartName } from '../snapshot/parts.ts';
import type { Slice } from '../snapshot/plan.ts';
import { createLineKeeper, type HeldLines } from './held-lines.ts';

/** Keeps outcomes as parts: the checkpoint that a later run goes on from. */
export type PartWriter = {
  /** Tells how many outcomes a slice will bring: it is written once they are there. */
  expect(slice: Slice, count: number): void;
  /** Takes an outcome of the slice's target at `position`. */
  add(slice: number, position: number, line: PartLine): void;
  /** Writes all that is not yet written. @throws the first error of any write */
  settle(): Promise<void>;
};

/** An outcome is written at the latest after this long. */
const maxAgeMs = 10_000;
/** A slice of huge bodies is written in several parts, so that memory stays bounded. */
const maxHeldBytes = 8 * 1024 * 1024;

/** An outcome of a part. */
type Entry = { readonly position: number; readonly status: Status };
type OpenSlice = {
  readonly targets: readonly PlannedTarget[];
  missing: number;
  entries: Entry[];
  lines: HeldLines | undefined;
  timer: NodeJS.Timeout | undefined;
};

/** Makes the writer of one run. */
export function createPartWriter(options: {
  readonly output: Output;
  readonly snapshot: Snapshot;
  /** The next free number of each slice that has parts. */
  readonly nextPart: Map<number, number>;
  /** Called for every own part, once it is there, with its outcomes. */
  readonly onWritten: (name: string, slice: number, entries: readonly Entry[]) => void;
  /** Called where another run took a number: its part counts before ours. */
  readonly onForeignPart: (part: PartName, targets: readonly PlannedTarget[]) => Promise<void>;
  /** Called with the first error of a write. */
  readonly onError: (error: unknown) => void;
}): PartWriter {
  const { output, snapshot, nextPart } = options;
  const keeper = createLineKeeper();
  const open = new Map<number, OpenSlice>();
  /** Writes of one slice go one after the other: its numbers have no gap. */
  const writes = new Map<number, Promise<void>>();
  let failure: { error: unknown } | undefined;

  const put = async (slice: number, targets: readonly PlannedTarget[], entries: readonly Entry[], content: Buffer): Promise<void> => {
    for (;;) {
      const number = nextPart.get(slice) ?? 0;
      const name = partName(slice, number);
      const result = await output.create(partObject(snapshot, name), content);
      nextPart.set(slice, number + 1);
      if (result === 'created') return options.onWritten(name, slice, entries);
      await options.onForeignPart({ name, slice, part: number }, targets);
    }
  };

  const write = (slice: number): void => {
    const opened = open.get(slice);
    if (opened === undefined) return;
    clearTimeout(opened.timer);
    const { targets, entries, lines } = opened;
    if (opened.missing <= 0) open.delete(slice);
    Object.assign(opened, { entries: [], lines: undefined, timer: undefined });
    if (lines === undefined) return;
    const content = lines.take();
    const before = writes.get(slice) ?? Promise.resolve();
    const written = before
      .then(() => (failure === undefined ? put(slice, targets, entries, content) : undefined))
      .catch((error) => {
        if (failure === undefined) options.onError(error);
        failure ??= { error };
      })
      .finally(() => {
        if (writes.get(slice) === written) writes.delete(slice);
      });
    writes.set(slice, written);
  };

  return {
    expect: ({ index, targets }, count) => {
      open.set(index, { targets, missing: count, entries: [], lines: undefined, timer: undefined });
    },
    add: (slice, position, line) => {
      const opened = open.get(slice);
      if (opened === undefined) throw new Error(`slice ${slice} was not expected`);
      opened.missing--;
      opened.entries.push({ position, status: line.status });
      opened.lines ??= keeper.hold();
      opened.lines.add(position, JSON.stringify(line));
      if (opened.missing <= 0 || opened.lines.byteCount > maxHeldBytes) write(slice);
      else opened.timer ??= setTimeout(write, maxAgeMs, slice);
    },
    settle: async () => {
      for (const slice of [...open.keys()]) write(slice);
      await Promise.all(writes.values());
      open.clear();
      if (failure !== undefined) throw failure.error;
    },
  };
}
