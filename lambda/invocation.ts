import { parseInstant } from './contract/instants.ts';
import type { Target } from './contract/raw.ts';
import { isPercent } from './contract/read-settings.ts';
import { validateTargets } from './contract/targets.ts';
import { configurationError, SyncError } from './errors.ts';
import { isJsonObject } from './json/json-text.ts';

/** What an event asks for; whatever is undefined is left to the settings. */
export type Invocation = {
  /** The instant of the snapshot in Unix milliseconds; undefined: now, to the second. */
  readonly atMs: number | undefined;
  readonly targets: readonly Target[] | undefined;
  readonly maxFailedPercent: number | undefined;
  readonly maxShrinkPercent: number | undefined;
};

/**
 * Reads the event of an invocation: `scheduledTime`, or `time` as EventBridge rules send it; null is not given; other properties are ignored.
 * @throws SyncError of kind `configuration` that names every wrong property and the value got
 */
export function readInvocation(event: unknown): Invocation {
  const given = event ?? {};
  if (!isJsonObject(given))
    throw configurationError([
      `the event is ${JSON.stringify(event)}; it must be an object such as {"scheduledTime": "2026-11-23T06:00:00Z"}`,
    ]);
  const problems: string[] = [];
  const read = <T>(name: string, parse: (value: unknown) => T | undefined, rule: string): T | undefined => {
    const value = given[name] ?? undefined;
    if (value === undefined) return undefined;
    const parsed = parse(value);
    if (parsed === undefined) problems.push(`${name} of the event is ${JSON.stringify(value)}; it must be ${rule}`);
    return parsed;
  };
  const instant = (value: unknown): number | undefined => (typeof value === 'string' ? parseInstant(value) : undefined);
  const percent = (value: unknown): number | undefined => (isPercent(value) ? value : undefined);
  const instantRule = 'an instant with a zone and whole seconds, such as "2026-11-23T06:00:00Z"';
  const atMs =
    (given['scheduledTime'] ?? undefined) === undefined ? read('time', instant, instantRule) : read('scheduledTime', instant, instantRule);
  const maxFailedPercent = read('maxFailedPercent', percent, 'a number from 0 to 100');
  const maxShrinkPercent = read('maxShrinkPercent', percent, 'a number from 0 to 100');
  const targets = read(
    'targets',
    (value) => {
      try {
        return validateTargets(value, 'of the event');
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        problems.push(error.message);
        return [];
      }
    },
    'a list',
  );
  if (problems.length > 0) throw configurationError(problems);
  return { atMs, targets, maxFailedPercent, maxShrinkPercent };
}
