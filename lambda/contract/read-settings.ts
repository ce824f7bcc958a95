import { configurationError } from '../errors.ts';
import { type MaintainerDetails, maintainerDetailsModes } from './raw.ts';
import { type SettingName, type Settings, settingDeclarations } from './settings.ts';

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings come from: flags (by setting name) go before environment variables; an empty text is not set. */
export type SettingSources = {
  readonly flags: Partial<Record<SettingName, string | undefined>>;
  readonly environment: Environment;
};

/**
 * Reads and validates all settings at once.
 * @param required Settings that must be given, and a token or a secret where `accessToken` is among them.
 * @param otherProblems Problems found elsewhere, to be reported together with these.
 * @throws SyncError of kind `configuration` with a line for every wrong or missing setting.
 */
export function readSettings(sources: SettingSources, required: readonly SettingName[], otherProblems: readonly string[] = []): Settings {
  const problems = [...otherProblems];
  const given = (name: SettingName): { text: string; from: string } | undefined => {
    const { variable, flag } = settingDeclarations[name];
    const byFlag = sources.flags[name];
    if (byFlag !== undefined && byFlag !== '') return { text: byFlag, from: flag ?? variable };
    const byVariable = sources.environment[variable];
    return byVariable !== undefined && byVariable !== '' ? { text: byVariable, from: variable } : undefined;
  };
  const read = <T>(name: SettingName, parse: (text: string) => Parsed<T>): T | undefined => {
    const fallback = settingDeclarations[name].default;
    const source = given(name) ?? (fallback === null ? undefined : { text: fallback, from: 'default' });
    if (source === undefined) return undefined;
    const result = parse(source.text);
    if ('value' in result) return result.value;
    problems.push(`${source.from} ${result.problem}`);
    return undefined;
  };
  const numberWithin = (name: SettingName, rule: NumberRule): number | undefined => read(name, (text) => parseNumber(text, rule));

  const settings = {
    targetsUri: read('targetsUri', parseLocation),
    outputUri: read('outputUri', parseLocation),
    secretId: read('secretId', (text) => ({ value: text })),
    accessToken: read('accessToken', parseToken),
    baseUrl: read('baseUrl', parseBaseUrl) ?? '',
    maxRequestsPerSecond: numberWithin('maxRequestsPerSecond', { above: 0, max: 1000 }) ?? 0,
    maxConcurrentRequests: numberWithin('maxConcurrentRequests', { min: 1, max: 64, whole: true }) ?? 0,
    maxAttempts: numberWithin('maxAttempts', { min: 1, max: 20, whole: true }) ?? 0,
    requestTimeoutMs: numberWithin('requestTimeoutMs', { min: 100, max: 300_000, whole: true }) ?? 0,
    maxRunSeconds: numberWithin('maxRunSeconds', { min: 1, max: 31_536_000, whole: true }),
    maxFailedPercent: numberWithin('maxFailedPercent', { min: 0, max: 100 }) ?? 0,
    maxShrinkPercent: numberWithin('maxShrinkPercent', { min: 0, max: 100 }) ?? 0,
    maintainerDetails: read('maintainerDetails', parseMaintainerDetails) ?? 'keep',
  };
  for (const name of required) {
    if (given(name) !== undefined || (name === 'accessToken' && given('secretId') !== undefined)) continue;
    const { variable, flag, range } = settingDeclarations[name];
    const how =
      name === 'accessToken' ? `${variable} or ${settingDeclarations.secretId.variable}` : [flag, variable].filter(Boolean).join(' or ');
    problems.push(`${how} is missing: give ${range}`);
  }
  if (problems.length > 0) throw configurationError(problems);
  return settings;
}

/** The location that a setting names; undefined where it is not given or not right. */
export function readLocation(name: 'targetsUri' | 'outputUri', { flags, environment }: SettingSources): string | undefined {
  const parsed = parseLocation(flags[name] || environment[settingDeclarations[name].variable] || '');
  return 'value' in parsed && parsed.value !== '' ? parsed.value : undefined;
}

type Parsed<T> = { readonly value: T } | { readonly problem: string };
type NumberRule = { min?: number; above?: number; max: number; whole?: boolean };

/** Reads a percentage of an event: a number from 0 to 100. */
export const isPercent = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 100;

function parseNumber(text: string, { min, above, max, whole = false }: NumberRule): Parsed<number> {
  const value = (whole ? /^\d{1,15}$/ : /^\d{1,15}(\.\d{1,15})?$/).test(text.trim()) ? Number(text) : Number.NaN;
  const within = above === undefined ? value >= (min ?? 0) : value > above;
  if (within && value <= max) return { value };
  const range = above === undefined ? `from ${min} to ${max}` : `above ${above} and up to ${max}`;
  return { problem: `is ${quote(text)}; it must be a ${whole ? 'whole number' : 'number'} ${range}` };
}

/** Reads an access token: white space around it is dropped, anything an HTTP header cannot carry inside it is a problem (told without the value). */
export function parseToken(text: string): Parsed<string> {
  const value = text.trim();
  if (/^[\x21-\x7e]+$/.test(value)) return { value };
  if (value === '') return { problem: 'holds nothing but white space; give the access token, api-…' };
  return {
    problem: `has ${/\s/.test(value) ? 'white space' : 'a character that no token has'} inside; copy the access token again, on one line`,
  };
}

function parseBaseUrl(text: string): Parsed<string> {
  const shown = quote(withoutCredentials(text));
  const rule = 'must be such as https://app.launchdarkly.com';
  const match = /^(https?):\/\/([^/\\?#\s]+)\/?$/i.exec(text);
  if (!match || !URL.canParse(text)) return { problem: `is ${shown}; it ${rule}, without path or query` };
  const url = new URL(text);
  if (text.includes('@')) return { problem: `is ${shown}; it ${rule}, without credentials` };
  if (url.protocol !== 'https:' && !isLoopback(url.hostname))
    return { problem: `is ${shown}; it must be https (http only for this machine itself)` };
  return { value: url.origin };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

function parseLocation(text: string): Parsed<string> {
  if (text !== text.trim()) return { problem: `is ${quote(withoutCredentials(text))}; take away the white space around it` };
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return { value: text };
  if (scheme.toLowerCase() !== 's3') return { problem: `is ${quote(withoutCredentials(text))}; it must be a local path or s3://bucket/…` };
  if (/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/.test(text)) return { value: text };
  return { problem: `is ${quote(withoutCredentials(text))}; a bucket's name has 3 to 63 lower-case letters, digits, "." and "-"` };
}

function parseMaintainerDetails(text: string): Parsed<MaintainerDetails> {
  const value = maintainerDetailsModes.find((mode) => mode === text);
  return value ? { value } : { problem: `is ${quote(text)}; it must be ${settingDeclarations.maintainerDetails.range}` };
}

/** A URL without user and password, also where they hold a slash or an `@` of their own: all up to the last `@` goes. */
function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:)?([/\\]*).*@/is, '$1$2…@');
}

function quote(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 119)}…` : text);
}
