import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { metricNames } from './contract/metrics.ts';
import { statuses } from './contract/raw.ts';
import type { Row } from './contract/tables.ts';
import { SyncError } from './errors.ts';
import type { SyncEvent } from './sync-job.ts';

/** Turns what happens in a run into log lines and metrics: a line per event that an operator wants, none per target that succeeded. */
export type RunObserver = {
  readonly onEvent: (event: SyncEvent) => void;
  /** The snapshot is published. */
  published(row: Row<'sync_snapshots'>, alreadyPublished: boolean): void;
  /** The run publishes nothing. */
  failed(error: unknown): void;
};

/** So many targets without a group are named one by one; the table sync_targets has them all. */
const targetsNamed = 50;

/** Makes the observer of one run. */
export function createRunObserver(logger: Logger, metrics: Metrics): RunObserver {
  let named = 0;
  let invalid = 0;
  let waits = 0;
  return {
    onEvent: (event) => {
      if (event.kind === 'outcome' && event.line.status === 'invalid') invalid++;
      if (event.kind === 'planned')
        logger.info('planned', { targets: event.targetCount, newPlan: event.isNew, answeredBefore: event.answered });
      else if (event.kind === 'list changed')
        logger.warn('the list of targets has changed since this snapshot was planned: the run follows the plan');
      else if (event.kind === 'sealed') logger.info('sealed', { byThisRun: event.byThisRun });
      else if (event.kind === 'wait') {
        // The first wait is news; the others are counted.
        if (waits++ === 0) logger.info('waiting for a rate limit', { forMs: Math.round(event.forMs), reason: event.reason });
      } else if (event.kind === 'asked') {
        logger.info('asked', { requests: event.requests, rateLimited: event.rateLimited, waitedMs: Math.round(event.waitedMs), waits });
        metrics.addMetric(metricNames.requests, MetricUnit.Count, event.requests);
        metrics.addMetric(metricNames.rateLimited, MetricUnit.Count, event.rateLimited);
        metrics.addMetric(metricNames.waitedSeconds, MetricUnit.Seconds, event.waitedMs / 1000);
      } else if (event.line.status !== 'succeeded' && named++ < targetsNamed) {
        const { project_key, metric_group_key, status, http_status, error_code, attempts } = event.line;
        // Without its message: that may quote what LaunchDarkly holds of people.
        logger.warn('target without a group', { project_key, metric_group_key, status, http_status, error_code, attempts });
      }
    },
    published: (row, alreadyPublished) => {
      // A subset says nothing of whether the configured list is fresh.
      if (row.scope === 'full') metrics.addMetric(metricNames.publishedSnapshots, MetricUnit.Count, 1);
      if (alreadyPublished) {
        logger.info('already published', { status: row.status });
        return;
      }
      logger.info('published', { ...row });
      metrics.addMetric(metricNames.partialSnapshots, MetricUnit.Count, row.status === 'partial' ? 1 : 0);
      for (const status of statuses) metrics.addMetric(metricNames.targets[status], MetricUnit.Count, row[`targets_${status}`]);
      metrics.addMetric(metricNames.metricGroupRows, MetricUnit.Count, row.metric_group_rows);
      metrics.addMetric(metricNames.retries, MetricUnit.Count, row.retries_total);
      metrics.addMetric(metricNames.unknownFields, MetricUnit.Count, row.unknown_fields.length);
    },
    failed: (error) => {
      const kind = error instanceof SyncError ? error.kind : 'unexpected';
      logger.error('nothing is published', { kind, reason: error instanceof Error ? error.message : String(error) });
      // Too many of them are why nothing is published: the alarm must ring then of all times.
      if (invalid > 0) metrics.addMetric(metricNames.targets.invalid, MetricUnit.Count, invalid);
      metrics.addMetric(metricNames.tokenRefused, MetricUnit.Count, kind === 'token_refused' ? 1 : 0);
    },
  };
}
