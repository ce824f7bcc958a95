/**
 * Who must act on an error:
 * `configuration` whoever set the run up; `token_refused` whoever owns the access token; `launchdarkly` nobody at once, or whoever grants access;
 * `output` whoever owns bucket or disk; `unreadable` whoever owns the list of targets or the secret, or nobody: it may pass; `not_published` whoever judges the snapshot; `out_of_time` nobody: the next run goes on; `interrupted` the one who stopped it.
 */
export type ErrorKind =
  | 'configuration'
  | 'token_refused'
  | 'launchdarkly'
  | 'output'
  | 'unreadable'
  | 'not_published'
  | 'out_of_time'
  | 'interrupted';

/** An error whose message says what happened, the value got, and what to do next; the access token is never part of it. */
export class SyncError extends Error {
  override readonly name = 'SyncError';
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** Several configuration problems as one error, a line each. */
export function configurationError(problems: readonly string[]): SyncError {
  return new SyncError('configuration', problems.join('\n'));
}

/** What an unknown thrown value says, with the code of a system error in front where the message lacks it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeError).join('; ');
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const message = error.message || error.name;
  return code === undefined || message.includes(code) ? message : `${code}: ${message}`;
}
