import { settingDeclarations } from '../../lambda/contract/settings.ts';
import type { SyncSettings } from '../sync-job/sync-settings.ts';

const { maxRequestsPerSecond: rate, maxConcurrentRequests: requests } = settingDeclarations;

const numberOf = (settings: SyncSettings, { variable, default: fallback }: typeof rate | typeof requests): number =>
  Number(settings[variable] ?? fallback);

/** The settings of one of several children that run at once: each has its share of the pace, so that all together keep to the setting. */
export function sharePace(settings: SyncSettings, children: number): SyncSettings {
  if (children === 1) return settings;
  return {
    ...settings,
    // Rounded down: shares must not add up to more than the whole.
    [rate.variable]: Math.max(Math.floor((numberOf(settings, rate) / children) * 1e6), 1) / 1e6,
    [requests.variable]: Math.floor(numberOf(settings, requests) / children),
  };
}

/** What is wrong with a number of children; undefined where nothing is. Each has at least one request under way. */
export function concurrencyProblem(children: number, settings: SyncSettings): string | undefined {
  const most = numberOf(settings, requests);
  const isFine = Number.isInteger(children) && children >= 1 && !(children > most);
  return isFine ? undefined : `must be a whole number from 1 to ${requests.variable}, which is ${most}`;
}
