import { commitObject, partObject, type Snapshot } from './contract/objects.ts';
import { format, type PartLine, type Seal } from './contract/raw.ts';
import type { DataTableName, Row } from './contract/tables.ts';
import { SyncError } from './errors.ts';
import { gzipText } from './json/json-lines.ts';
import { compareUtf8 } from './json/utf8-order.ts';
import { createTableWriter, type PutObject } from './load/table-writer.ts';
import type { Output } from './output/output.ts';
import { prefetch } from './prefetch.ts';
import { fetchPart, readPart } from './snapshot/parts.ts';
import type { Plan, Slice } from './snapshot/plan.ts';
import { createRowBuilder } from './transform/build-rows.ts';
import { encodeRow } from './transform/encode-row.ts';
import { settleSlice } from './transform/settle-slice.ts';

/** How many slices' parts are fetched ahead of the one being written. */
const slicesAhead = 4;

/** How many lines of a slice are held parsed at once, where that is enough. */
const linesTogether = 20;

const createOnly: PutObject = (output, object, content) => output.create(object, content);

/**
 * Writes tables and commit of a sealed snapshot, slice by slice: a pure function of plan, sealed parts and seal, so that whoever does it,
 * however often and however late, writes the same rows. Memory is bounded by a slice and the compressed objects under way.
 * @throws SyncError of kind `output`; of kind `not_published` where the seal is of another format
 */
export async function publishSnapshot(
  output: Output,
  snapshot: Snapshot,
  plan: Plan,
  seal: Seal,
  put: PutObject = createOnly,
): Promise<Row<'sync_snapshots'>> {
  if (seal.format !== format) {
    throw new SyncError(
      'not_published',
      `snapshot ${snapshot.id} was sealed by format ${seal.format}, and this version writes format ${format}: its tables would differ. ` +
        'Run the version that sealed it, or let `rebuild` finish it',
    );
  }
  const builder = createRowBuilder(snapshot);
  const writers = (
    ['sync_targets', 'metric_groups', 'metric_group_metrics', 'metric_group_experiments'] as const satisfies DataTableName[]
  ).map((table) => ({
    table,
    writer: createTableWriter(output, table, snapshot, put),
  }));
  try {
    for await (const { slice, lines } of readSealedSlices(output, snapshot, plan, seal)) {
      const built = builder.build(settleSlice(slice.targets, lines));
      for (const { table, writer } of writers) await writer.append(built[table]);
    }
    refuseOtherCount(builder.outcomes(), plan.targetCount, snapshot);
    for (const { writer } of writers) await writer.finish();
  } catch (error) {
    await Promise.all(writers.map(({ writer }) => writer.abandon()));
    throw error;
  }
  const commit = builder.commit(plan.header, seal);
  await put(output, commitObject(snapshot), await gzipText(encodeRow('sync_snapshots', commit)));
  return commit;
}

async function* readSealedSlices(
  output: Output,
  snapshot: Snapshot,
  plan: Plan,
  seal: Seal,
): AsyncGenerator<{ slice: Slice; lines: PartLine[] }> {
  const namesBySlice = Map.groupBy([...seal.parts].sort(), (name) => Number(name.slice(0, 5)));
  const fetched = prefetch(plan.slices(), slicesAhead, async (slice) => {
    const names = namesBySlice.get(slice.index) ?? [];
    return { slice, parts: await Promise.all(names.map(async (name) => ({ name, content: await fetchPart(output, snapshot, name) }))) };
  });
  for await (const { slice, parts } of fetched) {
    let lines: PartLine[] = [];
    for (const { name, content } of parts) {
      let before: PartLine | undefined;
      for await (const line of readPart(content, partObject(snapshot, name))) {
        refuseDisorder(before, line, partObject(snapshot, name));
        before = line;
        lines.push(line);
        // A single part has each target once, in order: its lines need not be held together.
        if (parts.length > 1 || lines.length < linesTogether) continue;
        yield { slice, lines };
        lines = [];
      }
    }
    if (lines.length > 0) yield { slice, lines };
  }
}

/** Every target has one outcome, or something was lost since the seal: nothing is committed then. */
function refuseOtherCount(outcomes: number, targetCount: number, snapshot: Snapshot): void {
  if (outcomes === targetCount) return;
  const message = `snapshot ${snapshot.id}: its sealed parts hold the outcomes of ${outcomes} targets, and the plan has ${targetCount}`;
  throw new SyncError('output', `${message}; plan, seal or parts were damaged: restore them, or take the snapshot of another instant`);
}

/** A part has each target once, in the plan's order. */
function refuseDisorder(before: PartLine | undefined, line: PartLine, object: string): void {
  if (before === undefined) return;
  const order = compareUtf8(before.project_key, line.project_key) || compareUtf8(before.metric_group_key, line.metric_group_key);
  if (order >= 0)
    throw new SyncError('output', `output ${object}: its lines are not in order; it was damaged, or something else wrote it: restore it`);
}
