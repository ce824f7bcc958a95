import { constants } from 'node:os';
import { type ErrorKind, SyncError } from '../errors.ts';

const byKind: Partial<Record<ErrorKind, number>> = { configuration: 2 };

/** Exit code of a published snapshot: 0 complete, 3 partial. */
export const exitCodeOfStatus = (status: string): number => (status === 'complete' ? 0 : 3);

/** Exit code of a run that a signal ended: 128 and the signal's number. */
export const exitCodeOfSignal = (signal: NodeJS.Signals | undefined): number => 128 + (constants.signals[signal ?? 'SIGINT'] ?? 0);

/** Exit code of an error: 2 where settings, targets or words are wrong, 130 and 143 where a signal ended the run, else 1. */
export function exitCodeOfError(error: unknown, signal: NodeJS.Signals | undefined): number {
  if (!(error instanceof SyncError)) return 1;
  if (error.kind === 'interrupted') return exitCodeOfSignal(signal);
  return byKind[error.kind] ?? 1;
}
