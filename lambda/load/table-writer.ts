import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { createGzip, type Gzip } from 'node:zlib';
import { rowsPerObject, type Snapshot, tableObject } from '../contract/objects.ts';
import type { DataTableName } from '../contract/tables.ts';
import type { Output } from '../output/output.ts';

/** Writes one table of a snapshot, object by object. */
export type TableWriter = {
  /** Takes rows in the table's order, each a line. @throws SyncError of kind `output` */
  append(lines: readonly string[]): Promise<void>;
  /** Writes the last object: an empty gzip for a table without rows. @throws SyncError of kind `output` */
  finish(): Promise<void>;
};

/** How an object is put in place: create-only in a sync, replaced in a rebuild. */
export type PutObject = (output: Output, object: string, content: Uint8Array) => Promise<unknown>;

// gzip is fed in blocks: one write per row costs eight times the CPU.
const blockCharacters = 64 * 1024;

/** Makes the writer of a table; memory is bounded by one compressed object. An object that exists is done already. */
export function createTableWriter(output: Output, table: DataTableName, snapshot: Snapshot, put: PutObject): TableWriter {
  let index = 0;
  let rows = 0;
  let block = '';
  let current = openObject();

  async function flush(): Promise<void> {
    if (block === '') return;
    const isFull = !current.gzip.write(block);
    block = '';
    if (isFull) await once(current.gzip, 'drain');
  }

  async function closeObject(): Promise<void> {
    await flush();
    current.gzip.end();
    await put(output, tableObject(table, snapshot, index), await current.content);
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
        block += line;
        if (block.length >= blockCharacters) await flush();
      }
    },
    finish: closeObject,
  };
}

function openObject(): { gzip: Gzip; content: Promise<Buffer> } {
  const gzip = createGzip();
  return { gzip, content: buffer(gzip) };
}
