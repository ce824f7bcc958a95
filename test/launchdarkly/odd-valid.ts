import {
  changed,
  type Loose,
  nestedJson,
  plainExperiment,
  plainGroup,
  plainMember,
  plainMetric,
  withMember,
  withText,
} from './odd-group.ts';

const team = { customRoleKeys: ['a-role'], key: 'qa', name: 'QA Team', _links: {} };
const someone = plainMember();

const maintainers: Readonly<Record<string, unknown>> = {
  'live member': { key: someone['_id'], kind: 'member', _member: someone },
  'live team': { key: 'qa', kind: 'team', _team: team },
  'live member without its _member': { key: someone['_id'], kind: 'member' },
  'live team without its _team': { key: 'qa', kind: 'team' },
  'live of an unknown kind': { key: 'robot-1', kind: 'robot', _robot: { key: 'robot-1' } },
  'documented member': { member: someone },
  'documented team': { team },
  'documented with both': { member: someone, team },
  'both shapes together': { key: 'qa', kind: 'team', _team: team, member: someone },
  'empty object': {},
  'member null': { member: null, team },
  'member a string': { member: 'ariel' },
  '_member a list': { key: someone['_id'], kind: 'member', _member: [someone] },
  'key and kind numbers': { key: 7, kind: 8, _member: someone },
  'e-mail a number, unknown fields below': { key: 'm', kind: 'member', _member: { ...someone, email: 5, zPhone: '+1' } },
  'e-mail missing': { key: 'm', kind: 'member', _member: { _id: 'm', role: 'reader', _links: {} } },
  'names empty and odd': { key: 'm', kind: 'member', _member: { ...someone, firstName: '', lastName: '  Ñandú\n"x"\u0000' } },
  null: null,
  'a string': 'ariel@acme.example',
  'a list': [someone],
  'a number': 12,
};

const changes: Readonly<Record<string, (group: Loose) => void>> = {
  'nothing odd at all': () => {},
  'maintainer absent': (group) => delete group['maintainer'],
  'all that is not required absent': (group) => {
    for (const field of ['description', '_links', '_access', 'maintainer', 'experiments', 'experimentCount']) delete group[field];
    for (const field of ['activeExperimentCount', 'activeGuardedRolloutCount']) delete group[field];
    group['metrics'] = [{ key: 'm', name: 'M', kind: 'custom' }];
  },
  'all that is not required null': (group) => {
    for (const field of ['description', '_links', '_access', 'maintainer', 'experiments', 'experimentCount']) group[field] = null;
    for (const field of Object.keys(plainMetric(1))) if (!['key', 'name', 'kind'].includes(field)) group['metrics'][0][field] = null;
    group['experiments'] = [{ ...plainExperiment(1), archivedDate: null, _links: null }];
  },
  'all that is not required of another type': (group) => {
    Object.assign(group, { description: 5, _links: 'none', _access: [], experimentCount: '2', activeExperimentCount: true });
    Object.assign(group['metrics'][0], { _versionId: 1, isNumeric: 'true', eventKey: {}, unitAggregationType: [], analysisType: 0 });
    Object.assign(group['metrics'][1], { nameInGroup: false, analysisUnits: 'user', analysisUnit: ['user'] });
    Object.assign(group['experiments'][0], { archivedDate: 'yesterday', _links: 4 });
  },
  'fields in reverse order': (group) => {
    const entries = Object.entries(group).reverse();
    for (const field of Object.keys(group)) delete group[field];
    Object.assign(group, Object.fromEntries(entries));
  },
  'instants as strings of digits': (group) => {
    Object.assign(group, { _creationDate: '1690000000000', _lastModified: '0' });
    Object.assign(group['experiments'][0], { creationDate: '1700000000000', archivedDate: '1710000000000' });
  },
  'an instant of digits with zeros in front': (group) => Object.assign(group, { _creationDate: '0000000000001690000000000' }),
  'instants before 1970': (group) => Object.assign(group, { _creationDate: -1, _lastModified: -86_400_000 }),
  'the first and the last instant there is': (group) =>
    Object.assign(group, { _creationDate: -62_135_596_800_000, _lastModified: 253_402_300_799_999 }),
  'the last instant as digits': (group) => Object.assign(group, { _lastModified: '253402300799999' }),
  'archivedDate in year 10000': (group) => Object.assign(group['experiments'][0], { archivedDate: 253_402_300_800_000 }),
  'archivedDate with a fraction': (group) => Object.assign(group['experiments'][0], { archivedDate: 1.5 }),
  'archivedDate false': (group) => Object.assign(group['experiments'][0], { archivedDate: false }),
  'archivedDate an empty string': (group) => Object.assign(group['experiments'][0], { archivedDate: '' }),
  'archivedDate zero': (group) => Object.assign(group['experiments'][0], { archivedDate: 0 }),
  'the largest version': (group) => Object.assign(group, { _version: 2_147_483_647 }),
  'the smallest version': (group) => Object.assign(group, { _version: -2_147_483_648 }),
  'counts beyond int': (group) => Object.assign(group, { experimentCount: 2_147_483_648, activeExperimentCount: -2_147_483_649 }),
  'counts with fractions': (group) => Object.assign(group, { experimentCount: 1.5, activeGuardedRolloutCount: 0.1 }),
  'counts that contradict the list': (group) => Object.assign(group, { experimentCount: 0 }),
  'required texts empty': (group) => {
    Object.assign(group, { _id: '', name: '', kind: '' });
    Object.assign(group['metrics'][0], { key: '', name: '', kind: '' });
    Object.assign(group['experiments'][0], { key: '', name: '', environmentId: '', environmentKey: '' });
  },
  'emoji, quotes, newlines and control characters': (group) => {
    Object.assign(group, { name: '👩‍👩‍👧 "checkout" \\ \r\n\t\u0000\u001f\u007f\u2028\u2029', description: 'ünïcödé ‮ rtl 日本語' });
    group['tags'] = ['🏷️', '', ' ', 'a,b', "it's", 'ops', 'ops'];
  },
  'tags that sort otherwise by UTF-8 than by UTF-16': (group) => Object.assign(group, { tags: ['\u{1f600}', '\uffee', 'é', 'z', 'Z'] }),
  'lone surrogates in texts': (group) => {
    Object.assign(group, { name: 'half \ud83d name', description: '\udc00', tags: ['\ud800', '\udfff'] });
    Object.assign(group['metrics'][0], { name: '\ud800', eventKey: 'x\udfffy' });
  },
  'lone surrogates in unknown fields and their names': (group) =>
    Object.assign(group, { 'z\ud800': { '\udc00': '\ud800' }, zFuture: '\udfff' }),
  'no tags': (group) => Object.assign(group, { tags: [] }),
  'no metrics': (group) => Object.assign(group, { metrics: [] }),
  'ten thousand metrics': (group) => Object.assign(group, { metrics: Array.from({ length: 10_000 }, (_, n) => plainMetric(n)) }),
  'the same metric twice': (group) => Object.assign(group, { metrics: [plainMetric(1), plainMetric(1)] }),
  'a description of a megabyte': (group) => Object.assign(group, { description: 'long '.repeat(1 << 18) }),
  'no experiments': (group) => Object.assign(group, { experiments: [] }),
  'experiments null': (group) => Object.assign(group, { experiments: null }),
  'experiments absent': (group) => delete group['experiments'],
  'the same experiment twice': (group) =>
    Object.assign(group, { experiments: [plainExperiment(1), { ...plainExperiment(1), name: 'Second' }] }),
  'the same experiment in two environments': (group) => {
    group['experiments'] = [
      plainExperiment(1),
      { ...plainExperiment(1), environmentId: '0123456789abcdef01234567', environmentKey: 'test' },
    ];
  },
  'unknown values of known fields': (group) => {
    Object.assign(group, { kind: 'constellation' });
    Object.assign(group['metrics'][0], { kind: 'telepathy', unitAggregationType: 'median', analysisType: 'vibes' });
  },
  'unknown fields at every level': (group) => {
    Object.assign(group, { zFuture: { deep: [1, { z: null }] }, zNull: null, zEmpty: '' });
    Object.assign(group['metrics'][0], { z: 1 });
    Object.assign(group['experiments'][0], { z: [true] });
    Object.assign(group['maintainer'], { z: 1 });
  },
  'unknown fields with odd names': (group) => {
    Object.assign(group, { '': 1, 'a.b': 2, 'a b': 3, '[]': 4, ключ: 5, '"': 6, '\n': 7, '10': 8, '9': 9 });
  },
  'fields named like members of Object.prototype': (group) => {
    const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__defineGetter__', '__lookupSetter__'];
    for (const holder of [group, group['metrics'][0], group['experiments'][0]]) for (const name of names) holder[name] = null;
  },
  'a field named toJSON': (group) => Object.assign(group, { toJSON: 'not a function' }),
  'analysisUnits wrong, randomizationUnits right': (group) => {
    Object.assign(group['metrics'][0], { analysisUnits: [1], randomizationUnits: ['user', 'account'] });
  },
  'analysisUnits right, randomizationUnits wrong': (group) => {
    Object.assign(group['metrics'][0], { analysisUnits: ['user'], randomizationUnits: 'account' });
  },
  'analysisUnits null, randomizationUnits right': (group) => {
    Object.assign(group['metrics'][0], { analysisUnits: null, randomizationUnits: ['account'] });
  },
  'analysisUnits empty beside randomizationUnits': (group) => {
    Object.assign(group['metrics'][0], { analysisUnits: [], randomizationUnits: ['account'] });
  },
  'analysisUnits, randomizationUnits and analysisUnit together': (group) => {
    Object.assign(group['metrics'][0], { analysisUnits: ['z', 'a'], randomizationUnits: ['b'], analysisUnit: 'z' });
  },
  'analysisUnits and randomizationUnits both wrong': (group) => {
    Object.assign(group['metrics'][0], { analysisUnits: {}, randomizationUnits: [null] });
  },
};

const texts: Readonly<Record<string, string>> = {
  'integers written with a fraction or an exponent': withText('1.0', '_version')
    .replace('1690000000000', '1.69e12')
    .replace('1695000000000', '1695000000000.000'),
  'a version of 1e3': withText('1e3', '_version'),
  'instants of zero and minus zero': withText('-0', '_creationDate').replace('1695000000000', '0'),
  'counts with an exponent, one too large': withText('2.0E+0', 'experimentCount').replace(
    '"activeExperimentCount":1',
    '"activeExperimentCount":1e10',
  ),
  'a number too large for a double in an unknown field': withMember('"zHuge":1e400,"zTiny":1e-400,"zMinus":-1e999'),
  'thirty digits in an unknown field': withMember('"zLong":123456789012345678901234567890,"zExact":0.1000000000000000055511151231257827'),
  'a field named then': withMember('"then":"not a promise"'),
  'numbers whose digits must stay': withMember('"zDigits":[1.0,1E2,-0,0.10,9007199254740993]'),
  'a number too large for a double as archivedDate': withText('1700000000000,"archivedDate":1e400', 'experiments', 0, 'creationDate'),
  'a description of 1e400': withText('1e400', 'description'),
  '__proto__ as a field of the group': withMember('"__proto__":{"polluted":true,"name":"from the prototype"}'),
  '__proto__ as a field of a metric and an experiment': withText('"n","__proto__":{"polluted":true}', 'metrics', 0, 'name').replace(
    '"Experiment 1"',
    '"e","__proto__":null',
  ),
  '__proto__ deep in an unknown field': withMember('"zDeep":{"constructor":{"prototype":{"polluted":true}},"__proto__":[{"__proto__":1}]}'),
  '__proto__ in the maintainer': withText('{"__proto__":{"key":"evil","kind":"team"},"key":"m","kind":"member"}', 'maintainer'),
  'a field twice, the last one counts': withMember('"name":"first"'),
  'an unknown field twice': withMember('"z":1,"z":2'),
  'nested a hundred deep': withMember(`"zDeep":${nestedJson(100)}`),
  'nested a hundred deep in a metric': withText(`"n","zDeep":${nestedJson(100)}`, 'metrics', 1, 'name'),
  'white space everywhere': `\n\t ${JSON.stringify(plainGroup(), null, 4)} \r\n`,
  'escapes where none are needed': JSON.stringify(plainGroup()).replace('"odd"', '"\\u006fd\\u0064"').replace('"key"', '"\\u006bey"'),
  'surrogate pairs as escapes': withText('"\\ud83d\\ude00 \\ude00\\ud83d"', 'name'),
};

/** Answers as odd as LaunchDarkly or a proxy could make them, of which every one counts. */
export const validBodies: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(maintainers).map(([name, maintainer]) => [
      `maintainer: ${name}`,
      changed((group) => Object.assign(group, { maintainer })),
    ]),
  ),
  ...Object.fromEntries(Object.entries(changes).map(([name, change]) => [name, changed(change)])),
  ...texts,
};
