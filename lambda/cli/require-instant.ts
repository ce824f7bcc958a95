import type { Invocation } from './program.ts';

/** Adds to a command's problems those of its own, among them that it goes on with a snapshot and none is named. */
export const requireInstant = (invocation: Invocation, problems: readonly string[] = []): Invocation => ({
  ...invocation,
  problems: [
    ...invocation.problems,
    ...problems,
    ...(invocation.snapshotTime === undefined ? ['--snapshot-time is missing: give the instant that `plan` prints'] : []),
  ],
});
