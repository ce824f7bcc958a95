import type { Environment } from '../contract/read-settings.ts';

/** What every command needs of the process it runs in; made once, by `main`. */
export type CommandContext = {
  readonly environment: Environment;
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
