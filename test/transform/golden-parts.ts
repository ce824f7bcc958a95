import type { PartLine, PlannedTarget } from '../../lambda/contract/raw.ts';
import { nestedJson, plainExperiment, plainMember, plainMetric, withMember, withText } from '../launchdarkly/odd-group.ts';
import { bodyOf, lineOf, planned } from './part-lines.ts';

const member = plainMember();
const team = { customRoleKeys: ['a-role'], key: 'qa', name: 'QA Team', _links: {} };

/** Bodies of every shape that makes rows, by the key of their group. */
const bodies: Readonly<Record<string, string>> = {
  'documented-both': bodyOf('documented-both', { maintainer: { member, team } }),
  'documented-team': bodyOf('documented-team', { maintainer: { team } }),
  'live-team': bodyOf('live-team', { maintainer: { key: 'qa', kind: 'team', _team: team } }),
  'live-head': bodyOf('live-head', { maintainer: { key: 'm', kind: 'member' } }),
  'odd-maintainer': bodyOf('odd-maintainer', { maintainer: { key: 1, kind: 'robot', member: { email: 2, z: 3 }, 'a b': 4 } }),
  'no-maintainer': bodyOf('no-maintainer', { maintainer: 'ariel' }),
  bare: bodyOf('bare', {
    description: null,
    maintainer: null,
    experiments: null,
    experimentCount: null,
    metrics: [{ key: 'm', name: '', kind: 'custom' }],
    tags: [],
  }),
  instants: bodyOf('instants', { _creationDate: -62_135_596_800_000, _lastModified: '253402300799999', _version: -2_147_483_648 }),
  units: bodyOf('units', {
    metrics: [
      { ...plainMetric(1), analysisUnits: ['z', 'a'], randomizationUnits: ['b'], analysisUnit: 'z' },
      { ...plainMetric(2), analysisUnits: [1], randomizationUnits: ['b', 'a'] },
      { ...plainMetric(1), analysisUnits: {}, isNumeric: 'no', zNew: null },
    ],
  }),
  experiments: bodyOf('experiments', {
    experiments: [
      { ...plainExperiment(1), environmentKey: 'test', archivedDate: 1_710_000_000_000 },
      { ...plainExperiment(1), archivedDate: 'yesterday' },
      { ...plainExperiment(1), name: 'second', zDropped: 1 },
      { ...plainExperiment(2), key: '\u{1f600}' },
      { ...plainExperiment(2), key: '\ufffd' },
    ],
  }),
  texts: bodyOf('texts', { name: 'half \ud83d "x"\n\u2028', description: '', tags: ['\u{1f600}', '\ufffd', 'z', 'Z', 'z'] }),
  wrong: bodyOf('wrong', { description: 5, experimentCount: 1.5, activeExperimentCount: '1', activeGuardedRolloutCount: 2 ** 31 }),
  digits: withMember('"zDigits":[1.0,1E2,-0,9007199254740993,1e400],"z b":{"b":1,"a":{"10":0,"9":null}},"__proto__":{"c":1}'),
  exponents: withText('1.0', '_version').replace('1690000000000', '1.69e12'),
  deep: withMember(`"zDeep":${nestedJson(20)}`),
};

const others: readonly PartLine[] = [
  lineOf('gone', 'not_found', { body: '{"code":"not_found","message":"Unknown resource"}' }),
  lineOf('hidden', 'forbidden', { attempts: 2, rate_limited_count: 1 }),
  lineOf('broken', 'invalid', { body: bodyOf('another'), error_message: '$.key is "another", another than asked for' }),
  lineOf('odd key', 'invalid', { http_status: null, error_code: 'invalid_key', attempts: 0, duration_ms: 0 }),
  lineOf('late', 'failed', { attempts: 6, duration_ms: 90_000 }),
];

/** A plan and the lines of its parts, the same for ever: every status and every shape of an answer. */
export const golden: { readonly targets: readonly PlannedTarget[]; readonly lines: readonly PartLine[] } = {
  targets: [...Object.keys(bodies), ...others.map(({ metric_group_key }) => metric_group_key)]
    .sort()
    .map((key, index) => planned(key, index % 2 === 0)),
  lines: [
    lineOf('bare', 'failed', { attempts: 6, rate_limited_count: 3 }),
    lineOf('gone', 'failed', { attempts: 2 }),
    ...Object.entries(bodies).map(([key, body]) => lineOf(key, 'succeeded', { body })),
    ...others,
    lineOf('bare', 'not_found'),
    lineOf('late', 'failed', { http_status: 503, error_code: 'http_503', error_message: 'LaunchDarkly answered 503 without a message' }),
  ],
};
