import * as fc from 'fast-check';

/** A member of a JSON object as it is written; `isOdd` where the contract keeps it as unknown. */
type Member = { readonly name: string; readonly text: string; readonly isOdd: boolean };

/** A valid answer as text, and what an independent reading finds unknown in it, object by object. */
export type ArbitraryGroup = {
  readonly body: string;
  readonly group: readonly Member[];
  readonly metrics: readonly (readonly Member[])[];
  readonly experiments: readonly (readonly Member[])[];
};

const nastyUnits = [
  'a',
  'Z',
  '.',
  '"',
  '\\',
  '/',
  '[',
  '\u0000',
  '\n',
  '\u2028',
  'é',
  '\ufffd',
  '\uffee',
  '😀',
  '\ud83d',
  '\ude00',
  '0',
  '9',
];
const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...nastyUnits) }));
const instant = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
const instantText = fc.oneof(
  instant.map(String),
  fc.integer({ min: 0, max: 253_402_300_799_999 }).map((ms) => `"${ms}"`),
);
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const written = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> => value.map((it) => JSON.stringify(it));

const right = {
  text: written(text),
  texts: written(fc.array(text, { maxLength: 4 })),
  boolean: written(fc.boolean()),
  int: written(int),
  instant: instantText,
};
const wrong: Readonly<Record<keyof typeof right, fc.Arbitrary<string>>> = {
  text: fc.constantFrom('1.0', 'true', '[]', '{"a":1e2}'),
  texts: fc.constantFrom('"a"', '{}', '["a",1.50]', '[null]', '0'),
  boolean: fc.constantFrom('"true"', '0', '[]', '{}'),
  int: fc.constantFrom('1.5', '"1"', '2147483648', '-2147483649', '1e400', 'false', '[1]'),
  instant: fc.constantFrom('1.5', '"yesterday"', '"-1"', '253402300800000', 'true', '{}', '""'),
};
type Type = keyof typeof right;

const required = (fields: Readonly<Record<string, Type>>): fc.Arbitrary<Member>[] =>
  Object.entries(fields).map(([name, type]) => right[type].map((text) => ({ name, text, isOdd: false })));
const optional = (fields: Readonly<Record<string, Type>>): fc.Arbitrary<Member | undefined>[] =>
  Object.entries(fields).map(([name, type]) =>
    fc.oneof(
      fc.constant(undefined),
      fc.constant({ name, text: 'null', isOdd: false }),
      right[type].map((text) => ({ name, text, isOdd: false })),
      wrong[type].map((text) => ({ name, text, isOdd: true })),
    ),
  );

/** Fields known at some level: an unknown one must have another name. */
const knownNames = new Set(
  (
    '_id key name kind description _links _access tags _creationDate _lastModified maintainer metrics _version experiments experimentCount ' +
    'activeExperimentCount activeGuardedRolloutCount _versionId isNumeric eventKey nameInGroup unitAggregationType analysisType analysisUnit ' +
    'analysisUnits randomizationUnits environmentId environmentKey creationDate archivedDate'
  ).split(' '),
);
const unknownName = fc
  .oneof(text, fc.constantFrom('zFuture', '__proto__', 'constructor', 'toString', 'toJSON', 'then', '', 'a.b', '10', '9'))
  .filter((name) => !knownNames.has(name));
const unknownValue = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  fc.constantFrom('null', '1.0', '-0', '1e400', '"\\ud800"', '{"b":1.00,"a":{"__proto__":[0.10]}}', '12345678901234567890'),
);
const unknowns = fc
  // Names that only lone surrogates tell apart are one name in tables.
  .uniqueArray(fc.tuple(unknownName, unknownValue), { maxLength: 3, selector: ([name]) => name.toWellFormed() })
  .map((members) => members.map(([name, text]) => ({ name, text, isOdd: true })));

/** An object's members in any order. */
const object = (...members: fc.Arbitrary<Member | undefined>[]): fc.Arbitrary<Member[]> =>
  fc
    .tuple(fc.tuple(...members), unknowns)
    .map(([known, odd]) => [...known.filter((member) => member !== undefined), ...odd])
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));

const metric = object(
  ...required({ key: 'text', name: 'text', kind: 'text' }),
  ...optional({ _versionId: 'text', isNumeric: 'boolean', eventKey: 'text', nameInGroup: 'text', unitAggregationType: 'text' }),
  ...optional({ analysisType: 'text', analysisUnit: 'text', analysisUnits: 'texts', randomizationUnits: 'texts' }),
);
const experiment = object(
  ...required({ key: 'text', name: 'text', environmentId: 'text', environmentKey: 'text', creationDate: 'instant' }),
  ...optional({ archivedDate: 'instant' }),
);
const maintainer = fc.oneof(unknownValue, fc.constant('{"member":{"email":1,"z":[1.0]},"kind":"team","__proto__":0}'));
const head = [
  ...required({
    _id: 'text',
    name: 'text',
    kind: 'text',
    tags: 'texts',
    _creationDate: 'instant',
    _lastModified: 'instant',
    _version: 'int',
  }),
  ...optional({ description: 'text', experimentCount: 'int', activeExperimentCount: 'int', activeGuardedRolloutCount: 'int' }),
];

/** Writes an object. */
export const write = (members: readonly Member[]): string =>
  `{${members.map(({ name, text }) => `${JSON.stringify(name)}:${text}`).join(',')}}`;

/** Any valid answer for the group `odd`. */
export const arbitraryGroup: fc.Arbitrary<ArbitraryGroup> = fc
  .record({ metrics: fc.array(metric, { maxLength: 3 }), experiments: fc.array(experiment, { maxLength: 3 }) })
  .chain(({ metrics, experiments }) => {
    const lists = [
      { name: 'key', text: '"odd"', isOdd: false },
      { name: 'metrics', text: `[${metrics.map(write).join(',')}]`, isOdd: false },
      { name: 'experiments', text: `[${experiments.map(write).join(',')}]`, isOdd: false },
    ];
    const inside = maintainer.map((text) => ({ name: 'maintainer', text, isOdd: false }));
    return object(...lists.map((list) => fc.constant(list)), inside, ...head).map((group) => ({
      body: write(group),
      group,
      metrics,
      experiments,
    }));
  });
