import type { Snapshot } from '../contract/objects.ts';
import { isAnswer, type PartLine, type PlanHeader, type PlannedTarget, type Seal, type Status } from '../contract/raw.ts';
import type { DataTableName, Row } from '../contract/tables.ts';
import { describeError, SyncError } from '../errors.ts';
import { compareUtf8 } from '../json/utf8-order.ts';
import { createGroupRowEncoder, createRowEncoder } from './encode-row.ts';
import { flattenMetricGroup, type MetricGroupRows } from './flatten-metric-group.ts';
import type { SettledSlice } from './settle-slice.ts';

/** Turns settled slices into table lines, in the plan's order, and counts what the commit says of the snapshot. */
export type RowBuilder = {
  /** The lines of one slice, by table. */
  build(slice: SettledSlice): Readonly<Record<DataTableName, readonly string[]>>;
  /** How many outcomes were built so far. */
  outcomes(): number;
  /** The commit's row, once all slices are built. */
  commit(header: Omit<PlanHeader, 'targets'>, seal: Seal): Row<'sync_snapshots'>;
};

/** Makes the builder of one snapshot: a pure function of plan, sealed parts and seal. */
export function createRowBuilder(snapshot: Snapshot): RowBuilder {
  const encodeTarget = createRowEncoder('sync_targets');
  const encodeGroup = createGroupRowEncoder('metric_groups', snapshot);
  const encodeMetric = createGroupRowEncoder('metric_group_metrics', snapshot);
  const encodeExperiment = createGroupRowEncoder('metric_group_experiments', snapshot);
  const targets: Record<Status, number> = { succeeded: 0, not_found: 0, forbidden: 0, invalid: 0, failed: 0 };
  const rows = { metric_groups: 0, metric_group_metrics: 0, metric_group_experiments: 0 };
  const asked = { requests: 0, retries: 0, rateLimited: 0 };
  const unknownFields = new Set<string>();

  const buildTarget = (target: PlannedTarget, line: PartLine): string =>
    encodeTarget({
      project_key: target.project_key.toWellFormed(),
      metric_group_key: target.metric_group_key.toWellFormed(),
      status: line.status,
      http_status: line.http_status,
      error_code: line.error_code?.toWellFormed() ?? null,
      error_message: line.error_message?.toWellFormed() ?? null,
      attempts: line.attempts,
      rate_limited_count: line.rate_limited_count,
      duration_ms: line.duration_ms,
      discovered: target.discovered,
      extracted_at: line.extracted_at,
      snapshot_id: snapshot.id,
      snapshot_at: snapshot.at,
    });

  return {
    build: ({ outcomes, requests, retries, rateLimited }) => {
      asked.requests += requests;
      asked.retries += retries;
      asked.rateLimited += rateLimited;
      const lines = {
        sync_targets: [] as string[],
        metric_groups: [] as string[],
        metric_group_metrics: [] as string[],
        metric_group_experiments: [] as string[],
      };
      for (const { target, line } of outcomes) {
        targets[line.status]++;
        lines.sync_targets.push(buildTarget(target, line));
        if (line.status !== 'succeeded' || line.body === null) continue;
        const flat = flatten(target, line.body);
        lines.metric_groups.push(encodeGroup(flat.group, line.extracted_at));
        for (const metric of flat.metrics) lines.metric_group_metrics.push(encodeMetric(metric, line.extracted_at));
        for (const experiment of flat.experiments) lines.metric_group_experiments.push(encodeExperiment(experiment, line.extracted_at));
        for (const field of flat.unknownFields) unknownFields.add(field);
      }
      rows.metric_groups += lines.metric_groups.length;
      rows.metric_group_metrics += lines.metric_group_metrics.length;
      rows.metric_group_experiments += lines.metric_group_experiments.length;
      return lines;
    },
    outcomes: () => Object.values(targets).reduce((sum, count) => sum + count, 0),
    commit: (header, seal) => {
      const counts = Object.entries(targets) as [Status, number][];
      const total = counts.reduce((sum, [, count]) => sum + count, 0);
      const answered = counts.reduce((sum, [status, count]) => sum + (isAnswer(status) ? count : 0), 0);
      return {
        run_id: seal.run_id,
        status: answered === total ? 'complete' : 'partial',
        scope: header.scope,
        started_at: header.started_at,
        finished_at: seal.finished_at,
        targets_total: total,
        targets_succeeded: targets.succeeded,
        targets_not_found: targets.not_found,
        targets_forbidden: targets.forbidden,
        targets_invalid: targets.invalid,
        targets_failed: targets.failed,
        requests_total: header.requests + asked.requests,
        retries_total: asked.retries,
        rate_limited_total: header.rate_limited + asked.rateLimited,
        metric_group_rows: rows.metric_groups,
        metric_group_metric_rows: rows.metric_group_metrics,
        metric_group_experiment_rows: rows.metric_group_experiments,
        unknown_fields: [...unknownFields].sort(compareUtf8),
        code_version: seal.code_version,
        snapshot_id: snapshot.id,
        snapshot_at: snapshot.at,
      };
    },
  };
}

function flatten(target: PlannedTarget, body: string): MetricGroupRows {
  try {
    return flattenMetricGroup(target, body);
  } catch (error) {
    const message = `the part's body of ${target.project_key}/${target.metric_group_key} is no metric group (${describeError(error)})`;
    throw new SyncError(
      'output',
      `${message}; it was damaged since it was answered: restore the part, or take the snapshot of another instant`,
      { cause: error },
    );
  }
}
