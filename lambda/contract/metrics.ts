import type { Status } from './raw.ts';

/** Namespace of every metric. */
export const metricNamespace = 'MetricGroupSync';

/** Dimension that tells deployments apart, as Powertools names it; its value is the deployment's name. */
export const serviceDimension = 'service';

/** What a run reports: the handler writes it, alarms and dashboard read it. The sum over a period is what counts. */
export const metricNames = {
  /** 1 for a run that published a full snapshot, or found it published. */
  publishedSnapshots: 'PublishedSnapshots',
  /** 1 for a run that published a partial snapshot. */
  partialSnapshots: 'PartialSnapshots',
  /** 1 for a run whose access token LaunchDarkly refused. */
  tokenRefused: 'TokenRefused',
  /** Targets of a published snapshot, by how they ended; invalid ones also of a run that publishes nothing. */
  targets: {
    succeeded: 'TargetsSucceeded',
    not_found: 'TargetsNotFound',
    forbidden: 'TargetsForbidden',
    invalid: 'TargetsInvalid',
    failed: 'TargetsFailed',
  } satisfies Record<Status, string>,
  /** Rows of `metric_groups` in a published snapshot. */
  metricGroupRows: 'MetricGroupRows',
  /** Requests to LaunchDarkly. */
  requests: 'Requests',
  /** Requests for a target beyond its first. */
  retries: 'Retries',
  /** Requests answered 429. */
  rateLimited: 'RateLimited',
  /** Seconds spent waiting for the rate limit. */
  waitedSeconds: 'WaitedSeconds',
  /** Paths of fields that this version does not know, or of an undocumented type. */
  unknownFields: 'UnknownFields',
} as const;
