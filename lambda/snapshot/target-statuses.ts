import { targetsPerSlice } from '../contract/objects.ts';
import { isAnswer, type Status, statuses } from '../contract/raw.ts';

/** How the targets of a plan ended so far, one byte a target; outcomes are recorded in the order of part names. */
export type TargetStatuses = {
  /** Records an outcome: the first answer counts, else the last outcome. */
  record(slice: number, position: number, status: Status): void;
  get(slice: number, position: number): Status | undefined;
  /** How many targets ended so; `undefined` counts those without any outcome. */
  count(status: Status | undefined): number;
  /** A copy that later records leave alone. */
  copy(): TargetStatuses;
};

/** Makes the statuses of a plan; without `bytes`, no target has an outcome. */
export function createTargetStatuses(targetCount: number, bytes = new Uint8Array(targetCount)): TargetStatuses {
  const codeOf = (status: Status | undefined): number => (status === undefined ? 0 : statuses.indexOf(status) + 1);
  const statusOf = (code: number): Status | undefined => statuses[code - 1];
  return {
    record: (slice, position, status) => {
      const index = slice * targetsPerSlice + position;
      const before = statusOf(bytes[index] ?? 0);
      if (before === undefined || !isAnswer(before)) bytes[index] = codeOf(status);
    },
    get: (slice, position) => statusOf(bytes[slice * targetsPerSlice + position] ?? 0),
    count: (status) => {
      const code = codeOf(status);
      return bytes.reduce((count, byte) => count + (byte === code ? 1 : 0), 0);
    },
    copy: () => createTargetStatuses(targetCount, bytes.slice()),
  };
}
