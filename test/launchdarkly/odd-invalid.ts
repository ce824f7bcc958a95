import { changed, type Loose, plainExperiment, plainGroup, plainMetric, withText } from './odd-group.ts';

/** The fields that the contract requires, with values of the wrong type for each. */
const required: readonly {
  readonly of: string;
  readonly holder: (group: Loose) => Loose;
  readonly wrong: Readonly<Record<string, readonly unknown[]>>;
}[] = [
  {
    of: 'group',
    holder: (group) => group,
    wrong: {
      _id: [7, {}],
      key: [7, ['odd'], true],
      name: [0, {}, false],
      kind: [1, ['funnel']],
      tags: ['ops', { 0: 'ops' }, ['ops', 5], [null], [['ops']]],
      _creationDate: [true, [1], {}, '', ' 1', '1.5', '-1', '1e3', '0x10', 'yesterday', '2024-01-01T00:00:00Z', 1.5],
      _lastModified: [false, '12ms', 253_402_300_800_000, -62_135_596_800_001, '253402300800000', '9'.repeat(40)],
      metrics: [{}, 'none', 5, true, [5], ['metric-1'], [null], [[]], [plainMetric(1), null], { 0: plainMetric(1) }],
      _version: ['3', 1.5, 2_147_483_648, -2_147_483_649, true, [3], {}],
    },
  },
  {
    of: 'metric',
    holder: (group) => group['metrics'][1],
    wrong: { key: [1, {}], name: [2, []], kind: [3, false] },
  },
  {
    of: 'experiment',
    holder: (group) => group['experiments'][1],
    wrong: {
      key: [1, {}],
      name: [2, []],
      environmentId: [3, { id: 'x' }],
      environmentKey: [4, ['production']],
      creationDate: ['', '12 ', 1.25, true, 253_402_300_800_000, '999999999999999', {}],
    },
  },
];

const changes: Readonly<Record<string, (group: Loose) => void>> = {
  'another key than asked for': (group) => Object.assign(group, { key: 'even' }),
  'the key in capitals': (group) => Object.assign(group, { key: 'ODD' }),
  'the key with white space': (group) => Object.assign(group, { key: 'odd ' }),
  'an empty key': (group) => Object.assign(group, { key: '' }),
  'experiments an object': (group) => Object.assign(group, { experiments: { items: [plainExperiment(1)] } }),
  'experiments a string': (group) => Object.assign(group, { experiments: 'none' }),
  'experiments false': (group) => Object.assign(group, { experiments: false }),
  'experiments a list of keys': (group) => Object.assign(group, { experiments: ['experiment-1'] }),
  'experiments with a null': (group) => Object.assign(group, { experiments: [plainExperiment(1), null] }),
  'experiments with a list': (group) => Object.assign(group, { experiments: [[]] }),
  'the last of many metrics wrong': (group) => {
    group['metrics'] = [...Array.from({ length: 500 }, (_, n) => plainMetric(n)), { key: 'm', name: 'M' }];
  },
  'an error in the shape of LaunchDarkly': (group) => {
    for (const field of Object.keys(group)) delete group[field];
    Object.assign(group, { code: 'internal_error', message: 'something went wrong' });
  },
};

const texts: Readonly<Record<string, string>> = {
  'an empty object': '{}',
  'a list': '[]',
  'a list with the group in it': JSON.stringify([plainGroup()]),
  'a listing': JSON.stringify({ items: [plainGroup()], totalCount: 1 }),
  'the group as a string of JSON': JSON.stringify(JSON.stringify(plainGroup())),
  'a string': '"odd"',
  null: 'null',
  'a number': '7',
  'a boolean': 'true',
  'a version of 1e400': withText('1e400', '_version'),
  'an instant of 1e400': withText('1e400', '_creationDate'),
  'an instant of minus 1e400': withText('-1e400', '_lastModified'),
  'required fields in __proto__ alone': `{"__proto__":${JSON.stringify(plainGroup())}}`,
  'a metric whose fields are in __proto__': withText(`[{"__proto__":${JSON.stringify(plainMetric(1))}}]`, 'metrics'),
  'a metric whose name is in __proto__': withText('[{"key":"m","kind":"custom","__proto__":{"name":"M"}}]', 'metrics'),
  'an experiment whose key is in __proto__': withText('[{"__proto__":{"key":"e"},"name":"E"}]', 'experiments'),
};

function* wrongFields(): Generator<[string, string]> {
  for (const { of, holder, wrong } of required) {
    for (const [field, values] of Object.entries(wrong)) {
      yield [`${of}.${field} missing`, changed((group) => delete holder(group)[field])];
      for (const value of [null, ...values]) {
        const shown = JSON.stringify(value).slice(0, 40);
        yield [`${of}.${field} = ${shown}`, changed((group) => Object.assign(holder(group), { [field]: value }))];
      }
    }
  }
}

/** JSON answers that say nothing about the group `odd`, each for one reason. */
export const invalidBodies: Readonly<Record<string, string>> = {
  ...Object.fromEntries(wrongFields()),
  ...Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, changed(change)])),
  ...texts,
};
