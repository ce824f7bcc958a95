import { createGzip, type Gzip } from 'node:zlib';
import { rowsPerObject, type Snapshot, tableObject } from '../contract/objects.ts';
import type { DataTableName } from '../contract/tables.ts';
import { surelyFits } from '../json/utf8-length.ts';
import type { Content, Output } from '../output/output.ts';

/** Writes one table of a snapshot, object by object. */
export type TableWriter = {
  /** Takes rows in the table's order, each a line. @throws SyncError of kind `output` */
  append(lines: readonly string[]): Promise<void>;
  /** Writes the last object: an empty gzip for a table without rows. @throws SyncError of kind `output` */
  finish(): Promise<void>;
  /** Gives up the object under way: nothing of it is left. */
  abandon(): Promise<void>;
};

/** How an object is put in place: create-only in a sync, replaced in a rebuild. */
export type PutObject = (output: Output, object: string, content: Content) => Promise<unknown>;

// gzip is fed in blocks: one write per row costs eight times the CPU.
const blockBytes = 64 * 1024;

type OpenObject = { readonly gzip: Gzip; readonly put: Promise<unknown> };

/** Makes the writer of a table; its objects are handed over as they grow. An object that exists is done already. */
export function createTableWriter(output: Output, table: DataTableName, snapshot: Snapshot, put: PutObject): TableWriter {
  let index = 0;
  let rows = 0;
  // Used again for each block: what is outside the heap is freed late.
  const block = Buffer.allocUnsafeSlow(blockBytes);
  let used = 0;
  let current = openObject();

  function openObject(): OpenObject {
    const gzip = createGzip({ chunkSize: blockBytes });
    const opened = { gzip, put: put(output, tableObject(table, snapshot, index), gzip) };
    // A failure is met at the next write; until then it must not count as unhandled.
    opened.put.catch(() => {});
    return opened;
  }

  async function compress(bytes: Buffer): Promise<void> {
    const { gzip, put } = current;
    // Nobody takes what can no longer be put in place.
    await Promise.race([new Promise((resolve) => gzip.write(bytes, resolve)), put]);
  }

  async function flush(): Promise<void> {
    if (used > 0) await compress(block.subarray(0, used));
    used = 0;
  }

  async function closeObject(): Promise<void> {
    await flush();
    current.gzip.end();
    await current.put;
  }

  return {
    append: async (lines) => {
      for (const line of lines) {
        // Rolled over when another row comes, so that the last object is never an empty one.
        if (rows === rowsPerObject) {
          await closeObject();
          index++;
          rows = 0;
          current = openObject();
        }
        rows++;
        if (!surelyFits(line, blockBytes - used)) await flush();
        if (surelyFits(line, blockBytes - used)) used += block.write(line, used);
        else await compress(Buffer.from(line));
      }
    },
    finish: closeObject,
    abandon: async () => {
      // Without an error: whoever reads it sees that it ended too early, and if nobody does, nobody need know.
      current.gzip.destroy();
      await current.put.catch(() => {});
    },
  };
}
