import type { Scope, Target } from './contract/raw.ts';
import type { SettingName } from './contract/settings.ts';
import type { Invocation } from './invocation.ts';
import type { LambdaRun } from './lambda-run.ts';
import { readTargets } from './read-targets.ts';

/** What an entry that plans needs: a list of targets, unless the event holds them. */
export const settingsToPlan = ({ targets }: Invocation): SettingName[] => [
  ...(targets === undefined ? (['targetsUri'] as const) : []),
  'outputUri',
  'secretId',
];

/** The targets of an invocation: those of its event make a subset, else the configured list counts. @throws SyncError */
export async function readGivenTargets(run: LambdaRun): Promise<{ readonly scope: Scope; readonly targets: readonly Target[] }> {
  const { targets } = run.invocation;
  if (targets !== undefined) return { scope: 'subset', targets };
  return { scope: 'full', targets: await readTargets(run.settings.targetsUri ?? '', run.environment) };
}
