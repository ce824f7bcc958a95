import type { Clock } from './clock.ts';
import type { Snapshot } from './contract/objects.ts';
import type { MaintainerDetails, PartLine, Scope, Target } from './contract/raw.ts';
import type { Row } from './contract/tables.ts';
import type { Wait } from './extract/gate.ts';
import type { LaunchDarklyOptions } from './extract/launchdarkly-client.ts';
import type { Output } from './output/output.ts';

/** What every step of a snapshot needs; clock, randomness and connections are made by whoever calls. */
export type SnapshotJob = {
  readonly snapshot: Snapshot;
  readonly output: Output;
  readonly clock: Clock;
  /** Aborted with a `SyncError` by whoever stops the run. */
  readonly interrupt: AbortSignal;
  readonly onEvent: (event: SyncEvent) => void;
};

/** What a step that asks LaunchDarkly needs besides. */
export type AskingJob = SnapshotJob & {
  readonly launchDarkly: LaunchDarklyOptions;
  readonly maxRunMs: number | undefined;
  readonly maintainerDetails: MaintainerDetails;
  readonly userAgent: string;
  readonly random: () => number;
};

/** What planning needs. */
export type PlanJob = AskingJob & {
  readonly scope: Scope;
  /** Hands over the targets as given, once a run. Nobody holds them for longer: they may be many, and the plan stands for them. */
  readonly takeTargets: () => readonly Target[];
};

/** What extracting needs. */
export type ExtractJob = AskingJob & { readonly maxFailedPercent: number };

/** What the decision to publish needs, and all after it. */
export type PublishJob = SnapshotJob & {
  readonly maxFailedPercent: number;
  readonly maxShrinkPercent: number;
  readonly runId: string;
  readonly codeVersion: string;
};

/** All that one run from plan to commit needs. */
export type SyncJob = PlanJob & ExtractJob & PublishJob;

/** What whoever watches a run is told. */
export type SyncEvent =
  | { readonly kind: 'planned'; readonly targetCount: number; readonly isNew: boolean; readonly answered: number }
  | { readonly kind: 'list changed' }
  | { readonly kind: 'outcome'; readonly line: PartLine }
  | ({ readonly kind: 'wait' } & Wait)
  | { readonly kind: 'asked'; readonly requests: number; readonly rateLimited: number; readonly waitedMs: number }
  | { readonly kind: 'sealed'; readonly byThisRun: boolean };

/** What a run published, or found published. */
export type SyncResult = { readonly row: Row<'sync_snapshots'>; readonly alreadyPublished: boolean };

/** The row that was committed, as it is told to scripts and to whoever invoked a function. */
export type PublishedRow = SyncResult['row'] & { readonly alreadyPublished?: true };

/** Adds `alreadyPublished` to the row where the commit was there at the start. */
export const toPublishedRow = ({ row, alreadyPublished }: SyncResult): PublishedRow =>
  alreadyPublished ? { ...row, alreadyPublished } : row;
