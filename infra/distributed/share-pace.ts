import { settingDeclarations } from '../../lambda/contract/settings.ts';
import type { SyncSettings } from '../sync-job/sync-settings.ts';

const { maxRequestsPerSecond: rate, maxConcurrentRequests: requests } = settingDeclarations;

const numberOf = (settings: SyncSettings, { variable, default: fallback }: typeof rate | typeof requests): number =>
  Number(settings[variable] ?? fallback);

/**
 * The settings of one of several children that run at once: each has its share of the pace, so that all together keep to the setting.
 * A share is a whole number: with 2.5 a second, four children that begin together would send three each in their first second, which is 12.
 */
export function sharePace(settings: SyncSettings, children: number): SyncSettings {
  if (children === 1) return settings;
  const shareOf = (setting: typeof rate | typeof requests): number => Math.floor(numberOf(settings, setting) / children);
  return { ...settings, [rate.variable]: shareOf(rate), [requests.variable]: shareOf(requests) };
}

/** What is wrong with the concurrency that is reserved for some children; undefined where nothing is. */
export const reservationProblem = (reserved: number | undefined, children: number): string | undefined =>
  (reserved ?? children) < children ? `must be at least maxConcurrency, which is ${children}` : undefined;

/** What is wrong with a number of children; undefined where nothing is. Each has at least one request under way, and one a second if there are several. */
export function concurrencyProblem(children: number, settings: SyncSettings): string | undefined {
  const tightest = numberOf(settings, rate) < numberOf(settings, requests) ? rate : requests;
  const most = Math.max(1, Math.floor(numberOf(settings, tightest)));
  const isFine = Number.isInteger(children) && children >= 1 && !(children > most);
  return isFine ? undefined : `must be a whole number from 1 to ${most}, as ${tightest.variable} is ${numberOf(settings, tightest)}`;
}
