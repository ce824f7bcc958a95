import { partObject, type Snapshot } from './contract/objects.ts';
import type { PartLine, Seal } from './contract/raw.ts';
import { type DataTableName, dataTableNames, type Row } from './contract/tables.ts';
import { SyncError } from './errors.ts';
import type { Output } from './output/output.ts';
import { prefetch } from './prefetch.ts';
import { compareTargets } from './snapshot/compare-targets.ts';
import { fetchPart, readPart } from './snapshot/parts.ts';
import type { Plan, Slice } from './snapshot/plan.ts';
import { createRowBuilder } from './transform/build-rows.ts';
import { settleSlice } from './transform/settle-slice.ts';

/** A snapshot whose tables are decided: what they are a pure function of, and where it is. */
export type SealedSnapshot = { readonly output: Output; readonly snapshot: Snapshot; readonly plan: Plan; readonly seal: Seal };

/** How many slices' parts are fetched ahead of the one being made into rows. */
const slicesAhead = 4;

/** How many lines of a slice are held parsed at once, where that is enough. */
const linesTogether = 20;

/**
 * Makes the rows of a sealed snapshot, slice by slice: a pure function of plan, sealed parts and seal. Memory is bounded by a slice.
 * @param append Takes the next lines of a table, in the table's order.
 * @returns the commit's row
 * @throws SyncError of kind `output` where something is gone or damaged; rows that were handed over before count for nothing then
 */
export async function makeTables(
  sealed: SealedSnapshot,
  append: (table: DataTableName, lines: readonly string[]) => Promise<void>,
): Promise<Row<'sync_snapshots'>> {
  const { snapshot, plan, seal } = sealed;
  const builder = createRowBuilder(snapshot);
  for await (const { slice, lines } of readSealedSlices(sealed)) {
    const built = builder.build(settleSlice(slice.targets, lines));
    for (const table of dataTableNames) await append(table, built[table]);
  }
  refuseOtherCount(builder.outcomes(), plan.targetCount, snapshot);
  return builder.commit(plan.header, seal);
}

async function* readSealedSlices({ output, snapshot, plan, seal }: SealedSnapshot): AsyncGenerator<{ slice: Slice; lines: PartLine[] }> {
  const namesBySlice = Map.groupBy([...seal.parts].sort(), (name) => Number(name.slice(0, 5)));
  const fetched = prefetch(plan.slices(), slicesAhead, async (slice) => {
    const names = namesBySlice.get(slice.index) ?? [];
    return { slice, parts: await Promise.all(names.map(async (name) => ({ name, content: await fetchPart(output, snapshot, name) }))) };
  });
  for await (const { slice, parts } of fetched) {
    let lines: PartLine[] = [];
    for (const { name, content } of parts) {
      let before: PartLine | undefined;
      for (const line of readPart(content, partObject(snapshot, name))) {
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
  if (before !== undefined && compareTargets(before, line) >= 0)
    throw new SyncError('output', `output ${object}: its lines are not in order; it was damaged, or something else wrote it: restore it`);
}
