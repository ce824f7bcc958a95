import * as fc from 'fast-check';
import { readSettings } from '../../lambda/contract/read-settings.ts';
import { type SettingName, settingDeclarations } from '../../lambda/contract/settings.ts';
import { parseTargets } from '../../lambda/contract/targets.ts';
import { SyncError } from '../../lambda/errors.ts';
import { readInvocation } from '../../lambda/invocation.ts';
import { anyCodePoint } from '../any-code-point.ts';
import { type Fault, promise } from './fault.ts';
import { secretToken } from './secrets.ts';

const perTrial = 500;
const key = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,256}$/;
const odd = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '.',
    '..',
    '*',
    '\u0000',
    '__proto__',
    'a'.repeat(257),
    'ä',
    'a b',
    '-1',
    '1e9',
    '0x10',
    'NaN',
    'Infinity',
    '10',
    '0.5',
    '١٢',
    '１２',
  ),
  fc.string(),
  fc.string({ unit: anyCodePoint }),
);
const name = fc.oneof(fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/), odd);
const value = fc.oneof(fc.jsonValue({ maxDepth: 4 }), odd, fc.constantFrom(null, true, Number.POSITIVE_INFINITY, -0, [], {}));
const entry = fc.oneof(
  fc.record({ projectKey: name, metricGroupKey: fc.oneof(name, fc.constant('*')) }),
  fc.record({ projectKey: value, metricGroupKey: value, extra: value }, { requiredKeys: [] }),
  value,
);
const listText = fc.oneof(
  fc.array(entry, { maxLength: 6 }).map((list) => JSON.stringify(list)),
  fc.tuple(fc.array(entry, { maxLength: 3 }), fc.nat(), odd).map(([list, at, text]) => {
    const json = JSON.stringify(list);
    return json.slice(0, at % (json.length + 1)) + text + json.slice((at % (json.length + 1)) + 1);
  }),
  odd,
);
const settingNames = Object.keys(settingDeclarations) as SettingName[];
const url = fc.oneof(
  fc.constantFrom(
    's3://bucket/x',
    's3://B/x',
    'https://app.launchdarkly.com',
    'http://127.0.0.1:1',
    'https://u:p@host',
    'https://host/path',
    'HTTPS://HOST',
    'http://host',
    'ftp://x',
  ),
  fc
    .tuple(
      fc.constantFrom('https', 'http', 's3'),
      fc.constantFrom('', '', 'user@', 'u:p%40@', ':@'),
      fc.webAuthority({ withPort: true, withIPv4: true, withIPv6: true }),
      fc.constantFrom('', '/', '/a', '/a%20b/', '/?q=1', '?q=a%2Fb&r', '/a/../b', '//', '/#f'),
    )
    .map(([scheme, user, authority, rest]) => `${scheme}://${user}${authority}${rest}`),
  odd,
);
const setting = fc.record({
  name: fc.constantFrom(...settingNames),
  text: fc.oneof(url, odd, fc.integer().map(String), fc.double().map(String)),
  isFlag: fc.boolean(),
});
const instant = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-11-23T06:00:00Z',
    '2026-11-23T06:00:00+02:00',
    '2026-02-30T06:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23',
    '0000-01-01T00:00:00Z',
  ),
  value,
);
const event = fc.oneof(
  fc.record(
    {
      scheduledTime: instant,
      time: instant,
      targets: fc.oneof(fc.array(entry, { maxLength: 4 }), value),
      maxFailedPercent: value,
      maxShrinkPercent: value,
      extra: value,
    },
    { requiredKeys: [] },
  ),
  value,
  fc.constant(undefined),
);

/** Runs work that may refuse: with a `SyncError` of configuration whose message is readable, and nothing else. */
function refusal<T>(work: () => T, check: (result: T) => void, given: unknown): void {
  let result: T;
  try {
    result = work();
  } catch (error) {
    const isRight = error instanceof SyncError && error.kind === 'configuration' && error.message !== '';
    promise(isRight, `refused with ${error instanceof Error ? error.stack : error}`, given);
    promise(!(error as Error).message.includes(secretToken), 'the token is in a message', (error as Error).message);
    return;
  }
  check(result);
}

const isTarget = (target: { projectKey: string; metricGroupKey: string }): boolean =>
  key.test(target.projectKey) && (target.metricGroupKey === '*' || key.test(target.metricGroupKey)) && Object.keys(target).length === 2;

function requireSettings(given: readonly { name: SettingName; text: string; isFlag: boolean }[]): void {
  const flags: Partial<Record<SettingName, string>> = {};
  const environment: Record<string, string> = { LAUNCHDARKLY_ACCESS_TOKEN: secretToken };
  for (const { name, text, isFlag } of given) {
    if (isFlag && settingDeclarations[name].flag !== null) flags[name] = text;
    else environment[settingDeclarations[name].variable] = text;
  }
  refusal(
    () => readSettings({ flags, environment }, []),
    (settings) => {
      const within = (value: number | undefined, least: number, most: number): boolean =>
        value === undefined || (value >= least && value <= most);
      const {
        maxConcurrentRequests,
        maxAttempts,
        requestTimeoutMs,
        maxRunSeconds,
        maxFailedPercent,
        maxShrinkPercent,
        maxRequestsPerSecond,
        baseUrl,
      } = settings;
      const holds =
        within(maxConcurrentRequests, 1, 64) &&
        within(maxAttempts, 1, 20) &&
        within(requestTimeoutMs, 100, 300_000) &&
        within(maxRunSeconds, 1, 31_536_000) &&
        within(maxFailedPercent, 0, 100) &&
        within(maxShrinkPercent, 0, 100) &&
        within(maxRequestsPerSecond, Number.MIN_VALUE, 1000) &&
        [maxConcurrentRequests, maxAttempts, requestTimeoutMs].every(Number.isInteger) &&
        (new URL(baseUrl).protocol === 'https:' || /^(localhost|\[::1\]|127\.[\d.]+)$/.test(new URL(baseUrl).hostname)) &&
        new URL(baseUrl).origin === baseUrl &&
        (settings.accessToken === undefined || /^[\x21-\x7e]+$/.test(settings.accessToken));
      promise(holds, 'settings outside their ranges are taken', { given, settings });
    },
    given,
  );
}

/** Lists of targets, settings and events of any shape. */
export const inputs: Fault = {
  name: 'targets, settings and events of any shape',
  promise:
    'Each is taken as the contract says, or refused as a configuration error that says why; none is half taken, crashes, or shows the token.',
  trials: { usual: 12, long: 600 },
  run: async ({ dice }) => {
    const parameters = { numRuns: perTrial, seed: dice.whole(2 ** 31), endOnFailure: true };
    fc.assert(
      fc.property(listText, (text) =>
        refusal(
          () => parseTargets(text, 'list.json'),
          (targets) => promise(targets.length > 0 && targets.every(isTarget), 'wrong targets are taken', text),
          text,
        ),
      ),
      parameters,
    );
    fc.assert(fc.property(fc.array(setting, { maxLength: 5 }), requireSettings), parameters);
    fc.assert(
      fc.property(event, (given) =>
        refusal(
          () => readInvocation(given === undefined ? given : JSON.parse(JSON.stringify(given) ?? 'null')),
          ({ atMs, targets = [], maxFailedPercent = 0, maxShrinkPercent = 0 }) =>
            promise(
              (atMs === undefined || (Number.isInteger(atMs) && atMs % 1000 === 0)) &&
                targets.every(isTarget) &&
                Math.max(maxFailedPercent, maxShrinkPercent) <= 100,
              'a wrong event is taken',
              given,
            ),
          given,
        ),
      ),
      parameters,
    );
    return `${perTrial} of each`;
  },
};
