import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { flattenMetricGroup } from '../../lambda/transform/flatten-metric-group.ts';
import { changed, plainExperiment, plainMetric, withText } from '../launchdarkly/odd-group.ts';

const target = { project_key: 'demo', metric_group_key: 'odd' };
const flatten = (body: string) => flattenMetricGroup(target, body);
const withMetrics = (...metrics: object[]): string => changed((group) => Object.assign(group, { metrics }));
const withExperiments = (...experiments: object[]): string => changed((group) => Object.assign(group, { experiments }));

describe('flattening a metric group', () => {
  it("makes whole rows of the API reference's example", () => {
    const body = readFileSync(new URL('../fixtures/example-metric-group.json', import.meta.url), 'utf8');
    const keys = {
      project_key: 'my-project',
      metric_group_key: 'metric-group-key-123abc',
      metric_group_id: 'bc3e5be1-02d2-40c7-9926-26d0aacd7aab',
    };
    expect(flattenMetricGroup({ project_key: 'my-project', metric_group_key: 'metric-group-key-123abc' }, body)).toStrictEqual({
      group: {
        ...keys,
        name: 'My metric group',
        kind: 'funnel',
        description: 'Description of the metric group',
        tags: ['ops'],
        maintainer_kind: 'member',
        maintainer_key: '569f183514f4432160000007',
        maintainer_email: 'ariel@acme.com',
        maintainer_first_name: 'Ariel',
        maintainer_last_name: 'Flores',
        maintainer_role: 'admin',
        maintainer_team_key: 'team-key-123abc',
        maintainer_team_name: 'QA Team',
        version: 1,
        created_at: '1970-01-01 00:00:00.001',
        last_modified_at: '1970-01-01 00:00:00.001',
        metric_keys: ['metric-key-123abc'],
        metric_count: 1,
        experiment_count: 0,
        active_experiment_count: 0,
        active_guarded_rollout_count: 0,
        extra_json: null,
      },
      metrics: [
        {
          ...keys,
          position: 1,
          metric_key: 'metric-key-123abc',
          metric_version_id: 'version-id-123abc',
          metric_name: 'Example metric',
          metric_kind: 'custom',
          name_in_group: 'Step 1',
          is_numeric: true,
          event_key: 'event-key-123abc',
          unit_aggregation_type: 'sum',
          analysis_type: null,
          analysis_unit: null,
          analysis_units: ['user'],
          extra_json: null,
        },
      ],
      experiments: [
        {
          ...keys,
          environment_key: 'production',
          environment_id: '1234a56b7c89d012345e678f',
          experiment_key: 'experiment-key-123abc',
          experiment_name: 'Example experiment',
          created_at: '1970-01-01 00:00:00.001',
          archived_at: '1970-01-01 00:00:00.001',
          is_archived: true,
          extra_json: null,
        },
      ],
      unknownFields: [],
    });
  });

  it('takes the keys from what was asked for, and counts metrics itself', () => {
    const { group, metrics, experiments } = flattenMetricGroup(
      { project_key: 'p', metric_group_key: 'g' },
      changed((group) => Object.assign(group, { experimentCount: 7 })),
    );
    const keys = { project_key: 'p', metric_group_key: 'g' };
    expect(group).toMatchObject({ ...keys, metric_count: 2, metric_keys: ['metric-1', 'metric-2'], experiment_count: 7 });
    for (const row of [...metrics, ...experiments]) expect(row).toMatchObject(keys);
  });

  it("keeps the group's order of metrics, repeated ones included", () => {
    const { group, metrics } = flatten(withMetrics(plainMetric(2), plainMetric(1), plainMetric(2)));
    expect(group.metric_keys).toEqual(['metric-2', 'metric-1', 'metric-2']);
    expect(metrics.map(({ position, metric_key }) => [position, metric_key])).toEqual([
      [1, 'metric-2'],
      [2, 'metric-1'],
      [3, 'metric-2'],
    ]);
  });

  it('reads absent and null alike, and says nothing of counts that the API left out', () => {
    const bare = { key: 'm', name: 'M', kind: 'custom' };
    const nulls = Object.fromEntries(Object.keys(plainMetric(1)).map((name) => [name, null]));
    const optional = ['description', 'maintainer', 'experiments', 'experimentCount', 'activeExperimentCount', 'activeGuardedRolloutCount'];
    const absent = flatten(
      changed((group) => {
        for (const name of optional) delete group[name];
        group['metrics'] = [bare];
      }),
    );
    const none = flatten(
      changed((group) => {
        for (const name of optional) group[name] = null;
        group['metrics'] = [{ ...nulls, ...bare }];
      }),
    );
    expect(none).toStrictEqual(absent);
    expect(absent.group).toMatchObject({ description: null, experiment_count: null, active_experiment_count: null });
    expect(absent.experiments).toEqual([]);
    expect(absent.unknownFields).toEqual([]);
  });

  it('keeps text as received, and makes U+FFFD of lone surrogates', () => {
    const texts = { name: '', description: ' \u0000"\\\u2028 👩‍👧 ', kind: 'half \ud83d', tags: ['\udc00', ''] };
    expect(flatten(changed((group) => Object.assign(group, texts))).group).toMatchObject({
      name: '',
      description: ' \u0000"\\\u2028 👩‍👧 ',
      kind: 'half \ufffd',
      tags: ['', '\ufffd'],
    });
  });

  it('reads instants at the limits of the years 0001–9999, as numbers and as digits', () => {
    const instants = (created: unknown, modified: unknown) => {
      const { group } = flatten(changed((it) => Object.assign(it, { _creationDate: created, _lastModified: modified })));
      return [group.created_at, group.last_modified_at];
    };
    expect(instants(-62_135_596_800_000, 253_402_300_799_999)).toEqual(['0001-01-01 00:00:00.000', '9999-12-31 23:59:59.999']);
    expect(instants('0', '253402300799999')).toEqual(['1970-01-01 00:00:00.000', '9999-12-31 23:59:59.999']);
    expect(instants(-1, '0000000001700000000001')).toEqual(['1969-12-31 23:59:59.999', '2023-11-14 22:13:20.001']);
    expect(flatten(withText('1.7e12', '_creationDate')).group.created_at).toBe('2023-11-14 22:13:20.000');
    expect(flatten(withText('-0', '_creationDate')).group.created_at).toBe('1970-01-01 00:00:00.000');
  });

  it('takes whole numbers of 32 bits alone for counts, in whatever way they are written', () => {
    const count = (text: string) => flatten(withText(text, 'experimentCount')).group.experiment_count;
    expect(['2147483647', '-2147483648', '2.0', '2e1', '-0'].map(count)).toEqual([2147483647, -2147483648, 2, 20, 0]);
    expect(['2147483648', '-2147483649', '1.5', '"2"', 'true', '1e400', 'null'].map(count)).toEqual(Array(7).fill(null));
  });
});

describe('analysis units', () => {
  it.each<[string, object, readonly string[] | null]>([
    ['the newer field', { analysisUnits: ['user', 'account'] }, ['account', 'user']],
    ['the older one where the newer is absent', { analysisUnits: undefined, randomizationUnits: ['b', 'a', 'b'] }, ['a', 'b', 'b']],
    ['the older one where the newer is null', { analysisUnits: null, randomizationUnits: ['b'] }, ['b']],
    ['the older one where the newer is no list of strings', { analysisUnits: ['a', 1], randomizationUnits: ['b'] }, ['b']],
    ['the newer one although it is empty', { analysisUnits: [], randomizationUnits: ['b'] }, []],
    ['the newer one of both', { analysisUnits: ['a'], randomizationUnits: ['b'] }, ['a']],
    ['nothing where both are wrong', { analysisUnits: 'a', randomizationUnits: {} }, null],
  ])('come from %s, sorted', (_case, fields, units) => {
    expect(flatten(withMetrics({ ...plainMetric(1), ...fields })).metrics[0]?.analysis_units).toEqual(units);
  });

  it('leave the single newest one alone', () => {
    const [metric] = flatten(withMetrics({ ...plainMetric(1), analysisUnits: ['z', 'a'], analysisUnit: 'z' })).metrics;
    expect(metric).toMatchObject({ analysis_unit: 'z', analysis_units: ['a', 'z'] });
  });
});

describe('experiments', () => {
  const pairs = (...experiments: object[]) =>
    flatten(withExperiments(...experiments)).experiments.map(({ environment_key, experiment_key, experiment_name }) => [
      environment_key,
      experiment_key,
      experiment_name,
    ]);
  const experiment = (environmentKey: string, key: string, name = '') => ({ ...plainExperiment(1), environmentKey, key, name });

  it('are sorted by environment, then key, by UTF-8 bytes', () => {
    expect(
      pairs(experiment('\u{1f600}', 'a'), experiment('\ufffd', 'a'), experiment('a', 'é'), experiment('a', 'z'), experiment('Z', 'b')),
    ).toEqual([
      ['Z', 'b', ''],
      ['a', 'z', ''],
      ['a', 'é', ''],
      ['\ufffd', 'a', ''],
      ['\u{1f600}', 'a', ''],
    ]);
  });

  it('count once an environment and key: the first received', () => {
    expect(pairs(experiment('p', 'e', 'first'), experiment('o', 'e', 'other'), experiment('p', 'e', 'second'))).toEqual([
      ['o', 'e', 'other'],
      ['p', 'e', 'first'],
    ]);
  });

  it('count once also where only lone surrogates tell their keys apart', () => {
    expect(pairs(experiment('p', '\ud800', 'first'), experiment('p', '\udfff', 'second'))).toEqual([['p', '\ufffd', 'first']]);
  });

  it('name the unknown fields of those that make no row', () => {
    const { experiments, unknownFields } = flatten(withExperiments(experiment('p', 'e'), { ...experiment('p', 'e'), zSecond: 1 }));
    expect(experiments.map(({ extra_json }) => extra_json)).toEqual([null]);
    expect(unknownFields).toEqual(['experiments[].zSecond']);
  });

  it.each<[unknown, string | null, boolean, string | null]>([
    [1_700_000_000_000, '2023-11-14 22:13:20.000', true, null],
    ['0', '1970-01-01 00:00:00.000', true, null],
    [null, null, false, null],
    [undefined, null, false, null],
    [false, null, true, '{"archivedDate":false}'],
    ['', null, true, '{"archivedDate":""}'],
    [253_402_300_800_000, null, true, '{"archivedDate":253402300800000}'],
  ])('with the archiving date %j', (archivedDate, archived_at, is_archived, extra_json) => {
    const [row] = flatten(withExperiments({ ...plainExperiment(1), archivedDate })).experiments;
    expect(row).toMatchObject({ archived_at, is_archived, extra_json });
  });
});

it('sorts tags by UTF-8 bytes and keeps repeated ones', () => {
  const tags = ['\u{1f600}', '\ufffd', 'é', 'z', 'Z', 'z', ''];
  expect(flatten(changed((group) => Object.assign(group, { tags }))).group.tags).toEqual(['', 'Z', 'z', 'z', 'é', '\ufffd', '\u{1f600}']);
});
