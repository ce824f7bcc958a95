import type { MaintainerDetails } from './raw.ts';

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
