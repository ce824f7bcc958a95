import { isDeepStrictEqual } from 'node:util';

type Fields = Readonly<Record<string, unknown>>;
type Rows = { readonly group: object; readonly metrics: readonly object[]; readonly experiments: readonly object[] };

/** LaunchDarkly's fields and their columns, written a second time: the code under test is not asked; '' where it has no column of its own. */
const columns: Readonly<Record<'group' | 'metric' | 'experiment', Readonly<Record<string, string>>>> = {
  group: {
    _id: 'metric_group_id',
    key: '',
    name: 'name',
    kind: 'kind',
    description: 'description',
    tags: 'tags',
    maintainer: '',
    _version: 'version',
    _creationDate: 'created_at',
    _lastModified: 'last_modified_at',
    metrics: '',
    experiments: '',
    experimentCount: 'experiment_count',
    activeExperimentCount: 'active_experiment_count',
    activeGuardedRolloutCount: 'active_guarded_rollout_count',
  },
  metric: {
    key: 'metric_key',
    name: 'metric_name',
    kind: 'metric_kind',
    _versionId: 'metric_version_id',
    isNumeric: 'is_numeric',
    eventKey: 'event_key',
    nameInGroup: 'name_in_group',
    unitAggregationType: 'unit_aggregation_type',
    analysisType: 'analysis_type',
    analysisUnit: 'analysis_unit',
    analysisUnits: 'analysis_units',
    randomizationUnits: 'analysis_units',
  },
  experiment: {
    key: 'experiment_key',
    name: 'experiment_name',
    environmentId: 'environment_id',
    environmentKey: 'environment_key',
    creationDate: 'created_at',
    archivedDate: 'archived_at',
  },
};
const wellFormed = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), wellFormed(member)]));
};

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((text) => typeof text === 'string');

/** A value as its column has it: instants are written out, lists of texts sorted by their bytes. */
function toColumn(column: string, value: unknown): unknown {
  if (column.endsWith('_at')) return new Date(Number(value)).toISOString().replace('T', ' ').slice(0, -1);
  if (isTexts(value)) return value.map((text) => text.toWellFormed()).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return wellFormed(value);
}

function lossesOf(kind: keyof typeof columns, received: Fields, row: Fields): string[] {
  const extra = JSON.parse(typeof row['extra_json'] === 'string' ? row['extra_json'] : '{}') as Fields;
  return Object.entries(received).flatMap(([name, value]) => {
    if (name === '_links' || name === '_access') return [];
    const column = Object.hasOwn(columns[kind], name) ? columns[kind][name] : undefined;
    if (column === '' || (column !== undefined && value === null)) return [];
    // Of names that only lone surrogates tell apart, one is left.
    const isKept = Object.hasOwn(extra, name.toWellFormed()) && (!name.isWellFormed() || isDeepStrictEqual(extra[name], wellFormed(value)));
    if (isKept) return [];
    if (column === undefined) return [`${kind}: the unknown field ${JSON.stringify(name)} is lost`];
    const told = row[column];
    if (told === null || told === undefined) return [`${kind}: ${name} is neither in ${column} nor in extra_json`];
    const wanted = name === 'randomizationUnits' && isTexts(received['analysisUnits']) ? told : toColumn(column, value);
    return isDeepStrictEqual(told, wanted) ? [] : [`${kind}: ${column} is ${JSON.stringify(told)}, not ${name} as received`];
  });
}

/** Tells which fields of an answer that counts are neither in their column nor in `extra_json`. */
export function describeLosses(body: string, { group, metrics, experiments }: Rows): string[] {
  const answer = JSON.parse(body) as Fields;
  const list = (name: string): Fields[] => (Array.isArray(answer[name]) ? (answer[name] as Fields[]) : []);
  const places = new Map(experiments.map((row) => [placeOf((row as Fields)['environment_key'], (row as Fields)['experiment_key']), row]));
  const told = new Set<string>();
  return [
    ...lossesOf('group', answer, group as Fields),
    ...list('metrics').flatMap((metric, index) => lossesOf('metric', metric, (metrics[index] ?? {}) as Fields)),
    ...list('experiments').flatMap((experiment) => {
      // Of several with the same keys the first makes the row.
      const place = placeOf(wellFormed(experiment['environmentKey']), wellFormed(experiment['key']));
      if (told.has(place)) return [];
      told.add(place);
      return lossesOf('experiment', experiment, (places.get(place) ?? {}) as Fields);
    }),
  ];
}

const placeOf = (environmentKey: unknown, experimentKey: unknown): string => JSON.stringify([environmentKey, experimentKey]);
