import { describe, expect, it } from 'vitest';
import { flattenMetricGroup } from '../../lambda/transform/flatten-metric-group.ts';
import { changed, withMember, withText } from '../launchdarkly/odd-group.ts';

const flatten = (body: string) => flattenMetricGroup({ project_key: 'demo', metric_group_key: 'odd' }, body);
const extraOf = (member: string): string | null => flatten(withMember(member)).group.extra_json;

describe('extra_json', () => {
  it('is null where everything is known', () => {
    const { group, metrics, experiments } = flatten(changed(() => {}));
    expect([group, ...metrics, ...experiments].map(({ extra_json }) => extra_json)).toEqual([null, null, null, null, null]);
  });

  it('keeps numbers with the digits received', () => {
    expect(extraOf('"z":[1.0,1E2,-0,0.10,9007199254740993,1e400,-1e-400,123456789012345678901234567890]')).toBe(
      '{"z":[1.0,1E2,-0,0.10,9007199254740993,1e400,-1e-400,123456789012345678901234567890]}',
    );
  });

  it('sorts keys by UTF-8 bytes at every level, and keeps the order of lists', () => {
    expect(extraOf('"zb":{"b":[{"d":1,"c":2}],"a":{},"10":0,"9":0},"za":[3,1],"\u{1f600}":1,"\ufffd":2,"é":3')).toBe(
      '{"za":[3,1],"zb":{"10":0,"9":0,"a":{},"b":[{"c":2,"d":1}]},"é":3,"\ufffd":2,"\u{1f600}":1}',
    );
  });

  it('has no white space, and writes text the way JSON.stringify does', () => {
    expect(extraOf('"z" : { "a" : [ 1 , "\\u0061 \\/\\u2028\\t" ] }')).toBe('{"z":{"a":[1,"a /\u2028\\t"]}}');
  });

  it('keeps nulls and empties of unknown fields', () => {
    expect(extraOf('"zNull":null,"zEmpty":"","zList":[],"zObject":{},"zFalse":false')).toBe(
      '{"zEmpty":"","zFalse":false,"zList":[],"zNull":null,"zObject":{}}',
    );
  });

  it('makes U+FFFD of lone surrogates, in names and values', () => {
    expect(extraOf('"z\\ud800":{"\\udc00":["\\ud83d\\ude00","\\ude00\\ud83d"]}')).toBe('{"z\ufffd":{"\ufffd":["😀","\ufffd\ufffd"]}}');
  });

  it('keeps fields named like members of Object.prototype, and takes nothing from them', () => {
    const { group, unknownFields } = flatten(withMember('"__proto__":{"name":"evil","polluted":1.0},"constructor":{"__proto__":[null]}'));
    expect(group.extra_json).toBe('{"__proto__":{"name":"evil","polluted":1.0},"constructor":{"__proto__":[null]}}');
    expect(group.name).toBe('Odd group');
    expect(unknownFields.toSorted()).toEqual(['__proto__', 'constructor']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('takes the last of a repeated field, as JSON.parse does', () => {
    expect(extraOf('"z":1.0,"z":{"b":2.0},"z":3.00')).toBe('{"z":3.00}');
  });

  it('takes optional fields of the wrong type, whose columns are null then', () => {
    const { group, metrics } = flatten(
      withText('"2.0"', 'experimentCount').replace('"description":"A group to be changed"', '"description":5.0').replace('"user"', 'null'),
    );
    expect(group).toMatchObject({ description: null, experiment_count: null, extra_json: '{"description":5.0,"experimentCount":"2.0"}' });
    expect(metrics.map(({ analysis_units, extra_json }) => [analysis_units, extra_json])).toEqual([
      [null, '{"analysisUnits":[null]}'],
      [['user'], null],
    ]);
  });

  it('takes a wrong list also where the other list of units counts', () => {
    const [metric] = flatten(
      withText('"n","analysisUnits":[1.0],"randomizationUnits":["b"]', 'metrics', 0, 'name').replace('"analysisUnits":["user"],', ''),
    ).metrics;
    expect(metric).toMatchObject({ analysis_units: ['b'], extra_json: '{"analysisUnits":[1.0]}' });
  });

  it('belongs to the object the field stood in, each with its own digits', () => {
    const body = withText('"n","z":2.0', 'metrics', 1, 'name').replace('"name":"Experiment 2"', '"name":"Experiment 2","z":3.0');
    const { group, metrics, experiments } = flatten(body.replace('{', '{"z":1.0,'));
    expect([group, ...metrics, ...experiments].map(({ extra_json }) => extra_json)).toEqual([
      '{"z":1.0}',
      null,
      '{"z":2.0}',
      null,
      '{"z":3.0}',
    ]);
  });

  it('holds nothing of the maintainer, and neither links nor permissions', () => {
    const { group, metrics } = flatten(
      changed((group) => {
        Object.assign(group, { maintainer: { z: 1, member: { email: 5 } }, _links: 4, _access: 'none' });
        Object.assign(group['metrics'][0], { _links: [], _access: null });
      }),
    );
    expect([group.extra_json, metrics[0]?.extra_json]).toEqual([null, null]);
  });
});

describe('unknown_fields', () => {
  const unknown = (body: string): string[] => flatten(body).unknownFields.toSorted();

  it('are spelt as dotted paths with lists as []', () => {
    expect(
      unknown(
        changed((group) => {
          Object.assign(group, { zFuture: { deeper: { deepest: 1 } }, z_9: 1 });
          Object.assign(group['metrics'][0], { z: [{ q: 1 }] });
          Object.assign(group['metrics'][1], { z: 2 });
          Object.assign(group['experiments'][1], { z: null });
          Object.assign(group['maintainer'], { z: 1, _member: { ...group['maintainer']['_member'], z: 1 } });
        }),
      ),
    ).toEqual(['experiments[].z', 'maintainer._member.z', 'maintainer.z', 'metrics[].z', 'zFuture', 'z_9']);
  });

  it('quote names that are not letters, digits and underscores, without a dot before', () => {
    const names = { 'odd name': 1, '': 1, 'a.b': 1, 'a-b': 1, 'a"b': 1, '\n': 1, ключ: 1, 'z\n': 1 };
    expect(
      unknown(
        changed((group) => {
          Object.assign(group, names);
          Object.assign(group['metrics'][0], { 'a.b': 1 });
          Object.assign(group['maintainer']['_member'], { 'x y': 1 });
        }),
      ),
    ).toEqual(
      [
        '["odd name"]',
        '[""]',
        '["a.b"]',
        '["a-b"]',
        '["a\\"b"]',
        '["\\n"]',
        '["ключ"]',
        '["z\\n"]',
        'metrics[]["a.b"]',
        'maintainer._member["x y"]',
      ].toSorted(),
    );
  });

  it('name a list with wrong elements by its own path, and every field of the wrong type', () => {
    expect(
      unknown(
        changed((group) => {
          Object.assign(group, { description: 1, activeExperimentCount: 1.5 });
          Object.assign(group['metrics'][0], { analysisUnits: ['a', 1], isNumeric: 'yes', eventKey: {} });
          Object.assign(group['experiments'][0], { archivedDate: [] });
        }),
      ),
    ).toEqual([
      'activeExperimentCount',
      'description',
      'experiments[].archivedDate',
      'metrics[].analysisUnits',
      'metrics[].eventKey',
      'metrics[].isNumeric',
    ]);
  });

  it('name neither unknown values of known fields nor optional fields that are null', () => {
    expect(
      unknown(
        changed((group) => {
          Object.assign(group, { kind: 'constellation', description: null, experiments: null });
          Object.assign(group['metrics'][0], { kind: 'telepathy', analysisType: 'vibes', nameInGroup: null });
        }),
      ),
    ).toEqual([]);
  });
});
