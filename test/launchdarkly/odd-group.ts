/** What a body means for the group `odd`. */
export type Verdict = 'succeeded' | 'invalid';

/** One answer of the single GET for the group key `odd`. */
export interface OddBody {
  readonly name: string;
  /** JSON text. */
  readonly body: string;
  /** What the contract makes of it: paragraphs "Required" and "Outcomes". */
  readonly expected: Verdict;
}

/** A JSON object open to any change. */
// biome-ignore lint/suspicious/noExplicitAny: the bodies are wrong in every way that types would forbid.
export type Loose = Record<string, any>;

/** A metric without oddities. */
export function plainMetric(n: number): Loose {
  return {
    key: `metric-${n}`,
    name: `Metric ${n}`,
    kind: 'custom',
    _versionId: `4f0f3a54-5b77-4a3e-9c3c-00000000000${n % 10}`,
    isNumeric: false,
    eventKey: `event-${n}`,
    unitAggregationType: 'sum',
    analysisType: 'mean',
    analysisUnits: ['user'],
    nameInGroup: `Step ${n}`,
    _links: {},
  };
}

/** An experiment without oddities. */
export function plainExperiment(n: number): Loose {
  return {
    key: `experiment-${n}`,
    name: `Experiment ${n}`,
    environmentId: '1234a56b7c89d012345e678f',
    environmentKey: 'production',
    creationDate: 1_700_000_000_000,
    _links: {},
  };
}

/** The group `odd` without oddities: two metrics, two experiments, the live maintainer. */
export function plainGroup(): Loose {
  return {
    _id: 'bc3e5be1-02d2-40c7-9926-26d0aacd7aab',
    key: 'odd',
    name: 'Odd group',
    description: 'A group to be changed',
    kind: 'funnel',
    _links: { self: { href: '/api/v2/projects/demo/metric-groups/odd', type: 'application/json' } },
    _access: { denied: [], allowed: [] },
    tags: ['ops', 'beta'],
    _creationDate: 1_690_000_000_000,
    _lastModified: 1_695_000_000_000,
    maintainer: { key: '569f183514f4432160000007', kind: 'member', _member: plainMember() },
    metrics: [plainMetric(1), plainMetric(2)],
    _version: 3,
    experiments: [plainExperiment(1), plainExperiment(2)],
    experimentCount: 2,
    activeExperimentCount: 1,
    activeGuardedRolloutCount: 0,
  };
}

/** A member as both maintainer shapes hold it. */
export function plainMember(): Loose {
  return {
    _links: {},
    _id: '569f183514f4432160000007',
    role: 'admin',
    email: 'ariel@acme.example',
    firstName: 'Ariel',
    lastName: 'Flores',
  };
}

/** The JSON text of the plain group after a change to it. */
export function changed(change: (group: Loose) => void): string {
  const group = plainGroup();
  change(group);
  return JSON.stringify(group);
}

/** The JSON text of the plain group with `text` as it stands for the field at the end of the path, for what JSON.stringify cannot write. */
export function withText(text: string, ...path: readonly (string | number)[]): string {
  const group = plainGroup();
  const field = path.at(-1) ?? '';
  const holder = path.slice(0, -1).reduce<Loose>((value, step) => value[step], group);
  holder[field] = '@gap';
  return JSON.stringify(group).replace('"@gap"', () => text);
}

/** The JSON text of the plain group with `"name":text` put in front of its other fields. */
export function withMember(member: string): string {
  return JSON.stringify(plainGroup()).replace('{', () => `{${member},`);
}

/** Arrays nested so many deep, as JSON text. */
export function nestedJson(depth: number): string {
  return '{"a":['.repeat(depth / 2) + ']}'.repeat(depth / 2);
}
