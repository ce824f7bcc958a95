import type { ErrorKind } from '../errors.ts';

/**
 * What the three steps of a distributed snapshot hand to each other: a result is the event of the step after it. The state machine's
 * definition names these fields, so a change here is a change there.
 */
export type PlanStepResult = {
  /** The instant of the snapshot, RFC 3339. */
  readonly scheduledTime: string;
  /** How many slices are to be extracted; 0 where the snapshot is sealed or published. */
  readonly slices: number;
  readonly targetCount: number;
  readonly maxFailedPercent: number | null;
  readonly maxShrinkPercent: number | null;
};

/** What one child is to extract. */
export type ExtractStepEvent = Pick<PlanStepResult, 'scheduledTime' | 'maxFailedPercent'> & { readonly slice: number };

/** What became of a slice, and the event of its next turn. */
export type ExtractStepResult = ExtractStepEvent & {
  /** Whether every target of the slice has an outcome. */
  readonly isFinished: boolean;
  /** How long to wait before the next turn. */
  readonly waitSeconds: number;
};

/** The name of a step's error, by which the state machine tells what is worth another attempt. */
export const stepErrorName = (kind: ErrorKind): string => `SyncError.${kind}`;
