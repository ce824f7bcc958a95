import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { formatInstant } from '../../lambda/contract/instants.ts';
import { partName, partObject, planObject, snapshotAt, tablePrefix, targetsPerSlice } from '../../lambda/contract/objects.ts';
import { format, type PartLine, type PlannedTarget, type Scope, type Status } from '../../lambda/contract/raw.ts';
import { gzipTexts, toJsonLines } from '../../lambda/json/json-lines.ts';
import type { PutObject } from '../../lambda/load/table-writer.ts';
import type { Output } from '../../lambda/output/output.ts';
import { createOnly, writeCommit, writeTables } from '../../lambda/publish-snapshot.ts';
import { compareTargets } from '../../lambda/snapshot/compare-targets.ts';
import { encodePlan, readPlan } from '../../lambda/snapshot/plan.ts';
import { createSeal } from '../../lambda/snapshot/seal.ts';
import { type GroupFields, groupBody } from './group-body.ts';

/** How a target of a history ended: the group's fields where it succeeded. */
export type HistoryOutcome = GroupFields | Exclude<Status, 'succeeded'>;

/** One snapshot of a history, its outcomes by `project/group`. */
export type HistorySnapshot = {
  readonly atMs: number;
  /** @default full */
  readonly scope?: Scope;
  /** @default true */
  readonly isPublished?: boolean;
  /** Columns of metric_groups that the version of the day did not have yet: its rows lack them. @default none */
  readonly lacks?: readonly string[];
  readonly outcomes: Readonly<Record<string, HistoryOutcome>>;
};

const httpStatuses = { not_found: 404, forbidden: 403, invalid: 200, failed: 503 } as const;
const errorCodes = { not_found: 'not_found', forbidden: 'forbidden', invalid: 'invalid_body', failed: 'http_503' } as const;

/** Writes snapshots with the product's own writers, from plan to commit; one that is not published lacks the commit alone. */
export async function writeHistory(output: Output, history: readonly HistorySnapshot[]): Promise<void> {
  for (const snapshot of history) await writeSnapshot(output, snapshot);
}

async function writeSnapshot(output: Output, history: HistorySnapshot): Promise<void> {
  const { atMs, scope = 'full', isPublished = true, lacks = [], outcomes } = history;
  const snapshot = snapshotAt(atMs);
  const targets = Object.keys(outcomes).map((target): PlannedTarget => {
    const [project_key = '', metric_group_key = ''] = target.split('/');
    return { project_key, metric_group_key, discovered: false };
  });
  targets.sort(compareTargets);
  const instant = formatInstant(atMs + 1_000);
  const header = {
    format,
    scope,
    maintainer_details: 'keep',
    targets: targets.map(({ project_key, metric_group_key }) => ({ projectKey: project_key, metricGroupKey: metric_group_key })),
    started_at: instant,
    requests: 0,
    rate_limited: 0,
  } as const;
  const content = await encodePlan(header, targets);
  await output.create(planObject(snapshot), content);
  const lines = targets.map((target) => outcomeLine(target, outcomes[`${target.project_key}/${target.metric_group_key}`], instant));
  const parts: string[] = [];
  for (let slice = 0; slice * targetsPerSlice < lines.length; slice++) {
    const name = partName(slice, 0);
    parts.push(name);
    const ofSlice = lines.slice(slice * targetsPerSlice, (slice + 1) * targetsPerSlice);
    await output.create(partObject(snapshot, name), await gzipTexts(toJsonLines(ofSlice)));
  }
  const seal = await createSeal(output, snapshot, { format, parts, run_id: 'run', finished_at: instant, code_version: '0.0.0-test' });
  const sealed = { output, snapshot, plan: await readPlan(content, 'the plan'), seal };
  const commit = await writeTables(sealed, lacks.length === 0 ? createOnly : createWithout(lacks));
  if (isPublished) await writeCommit(sealed, commit, createOnly);
}

/** Puts rows of metric_groups as a version wrote them that did not know some of the columns. */
function createWithout(columns: readonly string[]): PutObject {
  return async (output, object, content) => {
    if (!object.startsWith(tablePrefix('metric_groups'))) return createOnly(output, object, content);
    const bytes = content instanceof Uint8Array ? content : await buffer(content);
    const rows = gunzipSync(bytes).toString().split('\n').slice(0, -1);
    const older = rows.map((row) => Object.entries(JSON.parse(row)).filter(([name]) => !columns.includes(name)));
    return createOnly(output, object, await gzipTexts(toJsonLines(older.map(Object.fromEntries))));
  };
}

function outcomeLine(target: PlannedTarget, outcome: HistoryOutcome | undefined, extracted_at: string): PartLine {
  const { project_key, metric_group_key } = target;
  const asked = { attempts: 1, rate_limited_count: 0, duration_ms: 10, extracted_at };
  if (outcome === undefined) throw new Error(`${project_key}/${metric_group_key} has no outcome`);
  if (typeof outcome !== 'string') {
    const body = groupBody(metric_group_key, outcome);
    return { project_key, metric_group_key, status: 'succeeded', http_status: 200, error_code: null, error_message: null, ...asked, body };
  }
  const [http_status, error_code] = [httpStatuses[outcome], errorCodes[outcome]];
  return {
    project_key,
    metric_group_key,
    status: outcome,
    http_status,
    error_code,
    error_message: `it was ${outcome}`,
    ...asked,
    body: null,
  };
}
