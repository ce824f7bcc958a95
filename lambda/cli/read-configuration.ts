import { parseInstant } from '../contract/instants.ts';
import type { Target } from '../contract/raw.ts';
import { type Environment, readLocation, readSettings } from '../contract/read-settings.ts';
import type { SettingName, Settings } from '../contract/settings.ts';
import { everyGroup, validateTargets } from '../contract/targets.ts';
import { configurationError, SyncError } from '../errors.ts';
import { readTargets } from '../read-targets.ts';
import type { Invocation } from './program.ts';

/** What a command is to do. */
export type Configuration = {
  readonly settings: Settings;
  /** Hands over the targets as given, once: they are not held here any more. There are none where a command follows a plan. */
  readonly takeTargets: () => readonly Target[];
  /** The instant of the snapshot, in Unix milliseconds. */
  readonly atMs: number;
};

/**
 * Reads settings, targets and instant, and reports all that is wrong with any of them at once.
 * @throws SyncError of kind `configuration`, or `unreadable` where the list alone cannot be read
 */
export async function readConfiguration(
  invocation: Invocation,
  environment: Environment,
  required: readonly SettingName[],
): Promise<Configuration> {
  const { flags, only, snapshotTime } = invocation;
  const problems = [...invocation.problems];
  let unreadable: SyncError | undefined;
  const collect = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      if (error.kind === 'configuration') problems.push(error.message);
      else unreadable = error;
      return undefined;
    }
  };
  const settings = await collect(() => readSettings({ flags, environment }, required));
  const atMs = snapshotTime === undefined ? Date.now() : parseInstant(snapshotTime);
  if (atMs === undefined)
    problems.push(`--snapshot-time is ${JSON.stringify(snapshotTime)}; it must be an instant with a zone, such as 2026-11-23T06:00:00Z`);
  // Read also where another setting is wrong, but not from a location that is wrong itself: that is reported already.
  const targetsUri = readLocation('targetsUri', { flags, environment });
  const takesTargets = only.length > 0 || required.includes('targetsUri');
  const targets = await collect(() => {
    if (!takesTargets) return [];
    return only.length > 0 ? parseOnly(only) : targetsUri ? readTargets(targetsUri, environment) : undefined;
  });
  if (problems.length === 0 && unreadable !== undefined) throw unreadable;
  if (unreadable !== undefined) problems.push(unreadable.message);
  if (problems.length > 0 || settings === undefined || targets === undefined || atMs === undefined) throw configurationError(problems);
  return { settings, takeTargets: handOver(targets), atMs };
}

function handOver(targets: readonly Target[]): () => readonly Target[] {
  let held: readonly Target[] | undefined = targets;
  return () => {
    if (held === undefined) throw new Error('the targets were handed over before');
    const handed = held;
    held = undefined;
    return handed;
  };
}

function parseOnly(only: readonly string[]): Target[] {
  const entries = only.map((text) => {
    const [projectKey = '', metricGroupKey = '', ...rest] = text.split('/');
    return { projectKey, metricGroupKey: rest.length > 0 ? text.slice(projectKey.length + 1) : metricGroupKey };
  });
  return validateTargets(entries, `--only (project/group or project/${everyGroup})`);
}
