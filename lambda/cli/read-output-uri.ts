import { type Environment, readSettings } from '../contract/read-settings.ts';
import { settingDeclarations } from '../contract/settings.ts';
import type { Invocation } from './program.ts';

/**
 * Reads the output of a command that asks LaunchDarkly nothing: of all variables only this one counts, whatever a token or a pace may be.
 * @param problems What is wrong elsewhere, to be reported together with this.
 * @throws SyncError of kind `configuration` with a line for each problem
 */
export function readOutputUri({ flags }: Invocation, environment: Environment, problems: readonly string[]): string {
  const { variable } = settingDeclarations.outputUri;
  return readSettings({ flags, environment: { [variable]: environment[variable] } }, ['outputUri'], problems).outputUri ?? '';
}
