import type { Writable } from 'node:stream';
import type { Environment } from '../contract/read-settings.ts';

/** The process that a command line runs in: `process` itself, or what stands for it in a test. */
export type Host = {
  readonly env: Environment;
  readonly stdout: Writable;
  readonly stderr: TerminalStream;
  /** Listens for signals. */
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(exitCode: number): void;
};

/** A stream that may lead to a terminal, and then has a size. */
export type TerminalStream = Writable & Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'rows'>>;

/** What every command needs of the process it runs in; made once, by `main`. */
export type CommandContext = {
  readonly environment: Environment;
  /** Takes results. */
  readonly stdout: Writable;
  /** Takes all else. */
  readonly stderr: TerminalStream;
  readonly version: string;
  /** Name and version, for LaunchDarkly. */
  readonly userAgent: string;
  /** Aborted by a signal, with a `SyncError`. */
  readonly interrupt: AbortSignal;
  /** Makes the access token known, so that no message can show it. */
  readonly noteToken: (token: string) => void;
  /** The last line of defence: takes the access token out of what a library may have put into a message. */
  readonly withoutToken: (text: string) => string;
};
