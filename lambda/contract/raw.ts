/** What the objects under `raw/` hold: the plan, the parts and the seal. */

/** Changes whenever the same parts would give other tables. */
export const format = 1;

/** How one target ended. */
export const statuses = ['succeeded', 'not_found', 'forbidden', 'invalid', 'failed'] as const;

/** How one target ended. */
export type Status = (typeof statuses)[number];

/** Whether an outcome says something about the group, so that it is never asked for again in its snapshot. */
export const isAnswer = (status: Status): boolean => status === 'succeeded' || status === 'not_found';

/** Whether a snapshot takes the configured list, or targets given for one run. */
export type Scope = 'full' | 'subset';

/** What becomes of maintainers' e-mail, first and last name. */
export const maintainerDetailsModes = ['keep', 'hash', 'omit'] as const;

/** What becomes of maintainers' e-mail, first and last name. */
export type MaintainerDetails = (typeof maintainerDetailsModes)[number];

/** A target as users write it; `*` as the metric-group key stands for every group of the project. */
export type Target = { readonly projectKey: string; readonly metricGroupKey: string };

/** The first line of a plan: what the targets were resolved from. */
export type PlanHeader = {
  readonly format: number;
  readonly scope: Scope;
  readonly maintainer_details: MaintainerDetails;
  readonly targets: readonly Target[];
  readonly started_at: string;
  /** Requests that the listings took. */
  readonly requests: number;
  /** How many of those were answered 429. */
  readonly rate_limited: number;
};

/** A line of a plan: one target, sorted like the rows. */
export type PlannedTarget = { readonly project_key: string; readonly metric_group_key: string; readonly discovered: boolean };

/** How a target ended, as parts and `sync_targets` tell it. */
export type Outcome = {
  readonly status: Status;
  readonly http_status: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly attempts: number;
  readonly rate_limited_count: number;
  readonly duration_ms: number;
  readonly extracted_at: string;
  /** The text as received; null where there is none or it is not kept. */
  readonly body: string | null;
};

/** A line of a part: one target's outcome. */
export type PartLine = { readonly project_key: string; readonly metric_group_key: string } & Outcome;

/** What tells targets apart, as one text. */
export const targetKey = ({ project_key, metric_group_key }: Pick<PlannedTarget, 'project_key' | 'metric_group_key'>): string =>
  JSON.stringify([project_key, metric_group_key]);

/** The decision to publish, which fixes the parts that the tables are made of. */
export type Seal = {
  readonly format: number;
  readonly parts: readonly string[];
  readonly run_id: string;
  readonly finished_at: string;
  readonly code_version: string;
};
