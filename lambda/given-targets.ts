import type { SettingName } from './contract/settings.ts';
import type { Invocation } from './invocation.ts';
import type { LambdaRun } from './lambda-run.ts';
import { readTargets } from './read-targets.ts';
import type { PlanJob } from './sync-job.ts';

/** What an entry that plans needs: a list of targets, unless the event holds them. */
export const settingsToPlan = ({ targets }: Invocation): SettingName[] => [
  ...(targets === undefined ? (['targetsUri'] as const) : []),
  'outputUri',
  'secretId',
];

/** The targets of an invocation: those of its event make a subset, else the configured list counts. @throws SyncError */
export async function readGivenTargets(run: LambdaRun): Promise<Pick<PlanJob, 'scope' | 'takeTargets'>> {
  const { targets } = run.invocation;
  if (targets !== undefined) return { scope: 'subset', takeTargets: () => targets };
  // Held for as long as the invocation lasts: a token that was rotated is a second run.
  const list = await readTargets(run.settings.targetsUri ?? '', run.environment);
  return { scope: 'full', takeTargets: () => list };
}
