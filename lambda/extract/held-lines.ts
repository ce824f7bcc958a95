import { gzipNow } from '../json/json-lines.ts';
import { surelyFits } from '../json/utf8-length.ts';

/** The lines of one slice that wait for their part. */
export type HeldLines = {
  /** Takes a line, without its end. */
  add(position: number, text: string): void;
  readonly byteCount: number;
  /** Compresses the lines in the order of their positions, and gives their memory back. */
  take(): Buffer;
};

/** Room for the lines of a usual slice. */
const usualBytes = 1024 * 1024;
/** Raw parts are written often and read seldom. */
const compressionLevel = 3;
const newline = 0x0a;

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
      const makeRoom = (needed: number): void => {
        if (needed <= room.length) return;
        const larger = takeRoom(Math.max(needed, room.length * 2));
        room.copy(larger, 0, 0, used);
        giveBack(room);
        room = larger;
      };
      return {
        add: (position, text) => {
          if (!surelyFits(text, room.length - used - 1)) makeRoom(used + Buffer.byteLength(text) + 1);
          const start = used;
          used += room.write(text, used);
          room[used++] = newline;
          lines.push({ position, start, end: used });
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
