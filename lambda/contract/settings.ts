import { configurationError } from '../errors.ts';
import { type MaintainerDetails, maintainerDetailsModes } from './raw.ts';

/** How one setting is given, what it may be, and what it means. */
export type SettingDeclaration = {
  readonly variable: string;
  /** The flag on the command line; null where there is none. */
  readonly flag: string | null;
  readonly default: string | null;
  readonly range: string;
  readonly comment: string;
};

/** Every setting, by its name in code; flags and environment variables are read the same way. */
export const settingDeclarations = {
  targetsUri: {
    variable: 'TARGETS_URI',
    flag: '--targets',
    default: null,
    range: 'a file or s3://bucket/key',
    comment: 'JSON list of the targets.',
  },
  outputUri: {
    variable: 'OUTPUT_URI',
    flag: '--output',
    default: null,
    range: 'a directory or s3://bucket/prefix',
    comment: 'Where raw answers and tables go.',
  },
  secretId: {
    variable: 'ACCESS_TOKEN_SECRET_ID',
    flag: null,
    default: null,
    range: 'a name or ARN',
    comment: 'Secret with the access token: the token itself, or {"accessToken": "…"}.',
  },
  accessToken: {
    variable: 'LAUNCHDARKLY_ACCESS_TOKEN',
    flag: null,
    default: null,
    range: 'api-…',
    comment: 'The access token; goes before the secret. Command line only.',
  },
  baseUrl: {
    variable: 'LAUNCHDARKLY_BASE_URL',
    flag: '--base-url',
    default: 'https://app.launchdarkly.com',
    range: 'https (http for loopback), without credentials, path or query',
    comment: 'Where LaunchDarkly answers.',
  },
  maxRequestsPerSecond: {
    variable: 'MAX_REQUESTS_PER_SECOND',
    flag: '--max-requests-per-second',
    default: '10',
    range: '> 0 to 1000',
    comment: 'Pace never exceeded, whatever LaunchDarkly allows.',
  },
  maxConcurrentRequests: {
    variable: 'MAX_CONCURRENT_REQUESTS',
    flag: '--max-concurrent-requests',
    default: '4',
    range: '1–64',
    comment: 'Requests under way at once.',
  },
  maxAttempts: {
    variable: 'MAX_ATTEMPTS',
    flag: '--max-attempts',
    default: '6',
    range: '1–20',
    comment: 'Attempts a target, 429s not counted.',
  },
  requestTimeoutMs: {
    variable: 'REQUEST_TIMEOUT_MS',
    flag: '--request-timeout-ms',
    default: '20000',
    range: '100–300000',
    comment: 'Milliseconds one attempt may take, the body included.',
  },
  maxRunSeconds: {
    variable: 'MAX_RUN_SECONDS',
    flag: '--max-run-seconds',
    default: null,
    range: '1–31536000',
    comment: 'Seconds a run may ask LaunchDarkly; none: as long as it takes.',
  },
  maxFailedPercent: {
    variable: 'MAX_FAILED_PERCENT',
    flag: '--max-failed-percent',
    default: '20',
    range: '0–100',
    comment: 'Share of targets without an answer up to which a snapshot is published.',
  },
  maxShrinkPercent: {
    variable: 'MAX_SHRINK_PERCENT',
    flag: '--max-shrink-percent',
    default: '50',
    range: '0–100 (100 = off)',
    comment: 'How many percent fewer groups than last time are published.',
  },
  maintainerDetails: {
    variable: 'MAINTAINER_DETAILS',
    flag: '--maintainer-details',
    default: 'keep',
    range: 'keep, hash or omit',
    comment: "What becomes of maintainers' e-mail, first and last name.",
  },
} as const satisfies Record<string, SettingDeclaration>;

/** The name of a setting in code. */
export type SettingName = keyof typeof settingDeclarations;

/** The settings of a run, validated. */
export type Settings = {
  readonly targetsUri: string | undefined;
  readonly outputUri: string | undefined;
  readonly secretId: string | undefined;
  readonly accessToken: string | undefined;
  readonly baseUrl: string;
  readonly maxRequestsPerSecond: number;
  readonly maxConcurrentRequests: number;
  readonly maxAttempts: number;
  readonly requestTimeoutMs: number;
  readonly maxRunSeconds: number | undefined;
  readonly maxFailedPercent: number;
  readonly maxShrinkPercent: number;
  readonly maintainerDetails: MaintainerDetails;
};

/** Where settings come from: flags (by setting name) go before environment variables; an empty text is not set. */
export type SettingSources = {
  readonly flags: Partial<Record<SettingName, string | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
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
