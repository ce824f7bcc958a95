import { gzipNow } from '../json/json-lines.ts';

/** The lines of one slice that wait for their part. */
export type HeldLines = {
  add(position: number, line: string): void;
  readonly byteCount: number;
  /** Compresses the lines in the order of their positions, and gives their memory back. */
  take(): Buffer;
};

/** Room for the lines of a usual slice. */
const usualBytes = 1024 * 1024;
/** Raw parts are written often and read seldom. */
const compressionLevel = 3;

/**
 * Keeps lines as bytes: outside the heap, where thousands of waiting bodies would make every collection slow, and in memory that one slice
 * leaves to the next, since what is outside the heap is freed late.
 */
export function createLineKeeper(): { hold(): HeldLines } {
  const spare: Buffer[] = [];
  const takeRoom = (byteCount: number): Buffer =>
    (byteCount <= usualBytes ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(byteCount, usualBytes));
  const giveBack = (room: Buffer): void => {
    if (room.length === usualBytes) spare.push(room);
  };

  return {
    hold: () => {
      const lines: { readonly position: number; readonly start: number; readonly end: number }[] = [];
      let room = takeRoom(0);
      let used = 0;
      return {
        add: (position, line) => {
          const needed = used + Buffer.byteLength(line);
          if (needed > room.length) {
            const larger = takeRoom(Math.max(needed, room.length * 2));
            room.copy(larger, 0, 0, used);
            giveBack(room);
            room = larger;
          }
          room.write(line, used);
          lines.push({ position, start: used, end: needed });
          used = needed;
        },
        get byteCount() {
          return used;
        },
        take: () => {
          const sorted = takeRoom(used);
          let end = 0;
          for (const line of lines.sort((a, b) => a.position - b.position)) end += room.copy(sorted, end, line.start, line.end);
          const compressed = gzipNow(sorted.subarray(0, end), compressionLevel);
          giveBack(room);
          giveBack(sorted);
          return compressed;
        },
      };
    },
  };
}
