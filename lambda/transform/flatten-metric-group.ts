/** The one file that knows both spellings: LaunchDarkly's fields end here, the tables' columns begin. */
import { formatInstant } from '../contract/instants.ts';
import type { OwnRow } from '../contract/tables.ts';
import type { MetricGroup } from '../find-metric-group-problem.ts';
import { canonicalJson, isJsonObject, type JsonObject, parseKeepingDigits } from '../json/json-text.ts';
import { compareUtf8 } from '../json/utf8-order.ts';
import {
  createFieldReader,
  type FieldReader,
  type Fields,
  maintainerFields,
  memberFields,
  type Reader,
  readBoolean,
  readInstantMs,
  readInteger,
  readText,
  readTexts,
  teamFields,
  type Values,
} from '../metric-group-fields.ts';

/** The rows of one metric group, and the paths of fields that the contract does not know. */
export type MetricGroupRows = {
  readonly group: OwnRow<'metric_groups'>;
  readonly metrics: readonly OwnRow<'metric_group_metrics'>[];
  readonly experiments: readonly OwnRow<'metric_group_experiments'>[];
  readonly unknownFields: readonly string[];
};

const readSortedTexts: Reader<readonly string[]> = (value) => {
  const texts = readTexts(value);
  // Most lists have one text; sorting them all the same is a tenth of the flattening.
  return texts === undefined || texts.length < 2 ? texts : texts.toSorted(compareUtf8);
};
const readInstant: Reader<string> = (value) => {
  const ms = readInstantMs(value);
  return ms === undefined ? undefined : formatInstant(ms);
};
/** A field that the contract knows and gives no column of its own. */
const known: Reader<null> = () => null;

const readGroup = createFieldReader({
  _id: readText,
  key: known,
  name: readText,
  kind: readText,
  description: readText,
  tags: readSortedTexts,
  maintainer: known,
  _version: readInteger,
  _creationDate: readInstant,
  _lastModified: readInstant,
  metrics: known,
  experiments: known,
  experimentCount: readInteger,
  activeExperimentCount: readInteger,
  activeGuardedRolloutCount: readInteger,
});
const readMetric = createFieldReader({
  key: readText,
  name: readText,
  kind: readText,
  _versionId: readText,
  isNumeric: readBoolean,
  eventKey: readText,
  nameInGroup: readText,
  unitAggregationType: readText,
  analysisType: readText,
  analysisUnit: readText,
  analysisUnits: readSortedTexts,
  randomizationUnits: readSortedTexts,
});
const readExperiment = createFieldReader({
  key: readText,
  name: readText,
  environmentId: readText,
  environmentKey: readText,
  creationDate: readInstant,
  archivedDate: readInstant,
});
const readMaintainer = createFieldReader(maintainerFields);
const readMember = createFieldReader(memberFields);
const readTeam = createFieldReader(teamFields);

/**
 * Flattens a valid answer into rows.
 * @param target The keys that were asked for: the body has no project key.
 * @param body The text of the answer, which `findProblem` found nothing in.
 */
export function flattenMetricGroup(target: { project_key: string; metric_group_key: string }, body: string): MetricGroupRows {
  const answer = JSON.parse(body) as MetricGroup;
  const unknownFields = new Set<string>();
  let lossless: JsonObject | undefined;
  // Digits survive only a slower parse, which most answers never need.
  const extraJson = (prefix: string, odd: readonly string[], find: (answer: JsonObject) => JsonObject): string | null => {
    if (odd.length === 0) return null;
    for (const name of odd) unknownFields.add(joinPath(prefix, name));
    lossless ??= parseKeepingDigits(body) as JsonObject;
    const object = find(lossless);
    return canonicalJson(Object.fromEntries(odd.map((name) => [name, object[name]])));
  };

  const { values: group, odd } = readGroup(answer);
  const keys = {
    project_key: target.project_key.toWellFormed(),
    metric_group_key: target.metric_group_key.toWellFormed(),
    metric_group_id: group._id ?? '',
  };
  const metrics = answer.metrics.map((metric, index): OwnRow<'metric_group_metrics'> => {
    const { values, odd } = readMetric(metric);
    return {
      ...keys,
      position: index + 1,
      metric_key: values.key ?? '',
      metric_version_id: values._versionId,
      metric_name: values.name ?? '',
      metric_kind: values.kind ?? '',
      name_in_group: values.nameInGroup,
      is_numeric: values.isNumeric,
      event_key: values.eventKey,
      unit_aggregation_type: values.unitAggregationType,
      analysis_type: values.analysisType,
      analysis_unit: values.analysisUnit,
      analysis_units: values.analysisUnits ?? values.randomizationUnits,
      extra_json: extraJson('metrics[]', odd, (answer) => (answer['metrics'] as JsonObject[])[index] as JsonObject),
    };
  });
  const experiments = (answer.experiments ?? []).map((experiment, index): OwnRow<'metric_group_experiments'> => {
    const { values, odd } = readExperiment(experiment);
    return {
      ...keys,
      environment_key: values.environmentKey ?? '',
      environment_id: values.environmentId ?? '',
      experiment_key: values.key ?? '',
      experiment_name: values.name ?? '',
      created_at: values.creationDate ?? '',
      archived_at: values.archivedDate,
      is_archived: (experiment['archivedDate'] ?? null) !== null,
      extra_json: extraJson('experiments[]', odd, (answer) => (answer['experiments'] as JsonObject[])[index] as JsonObject),
    };
  });
  const maintainer = flattenMaintainer(answer['maintainer'], unknownFields);
  return {
    group: {
      ...keys,
      name: group.name ?? '',
      kind: group.kind ?? '',
      description: group.description,
      tags: group.tags ?? [],
      maintainer_kind: maintainer.kind,
      maintainer_key: maintainer.key,
      maintainer_email: maintainer.email,
      maintainer_first_name: maintainer.firstName,
      maintainer_last_name: maintainer.lastName,
      maintainer_role: maintainer.role,
      maintainer_team_key: maintainer.teamKey,
      maintainer_team_name: maintainer.teamName,
      version: group._version ?? 0,
      created_at: group._creationDate ?? '',
      last_modified_at: group._lastModified ?? '',
      metric_keys: metrics.map(({ metric_key }) => metric_key),
      metric_count: metrics.length,
      experiment_count: group.experimentCount,
      active_experiment_count: group.activeExperimentCount,
      active_guarded_rollout_count: group.activeGuardedRolloutCount,
      extra_json: extraJson('', odd, (answer) => answer),
    },
    metrics,
    experiments: firstOfEach(experiments),
    unknownFields: [...unknownFields],
  };
}

/** Reads the maintainer in the live shape (`key`, `kind`, `_member`, `_team`) and in the documented one (`member`, `team`). */
function flattenMaintainer(maintainer: unknown, unknownFields: Set<string>) {
  const read = <F extends Fields>(object: unknown, reader: FieldReader<F>, path: string): Values<F> | undefined => {
    if (!isJsonObject(object)) return undefined;
    const { values, odd } = reader(object);
    for (const name of odd) unknownFields.add(joinPath(path, name));
    return values;
  };
  if (maintainer !== undefined && maintainer !== null && !isJsonObject(maintainer)) unknownFields.add('maintainer');
  const own = read(maintainer, readMaintainer, 'maintainer');
  const live = read(own?._member, readMember, 'maintainer._member');
  const documented = read(own?.member, readMember, 'maintainer.member');
  const liveTeam = read(own?._team, readTeam, 'maintainer._team');
  const documentedTeam = read(own?.team, readTeam, 'maintainer.team');
  const teamKey = liveTeam?.key ?? documentedTeam?.key ?? null;
  const kind = own?.kind ?? (live || documented ? 'member' : liveTeam || documentedTeam ? 'team' : null);
  const key = own?.key ?? (kind === 'member' ? (live?._id ?? documented?._id) : kind === 'team' ? teamKey : null) ?? null;
  return {
    kind,
    key,
    email: live?.email ?? documented?.email ?? null,
    firstName: live?.firstName ?? documented?.firstName ?? null,
    lastName: live?.lastName ?? documented?.lastName ?? null,
    role: live?.role ?? documented?.role ?? null,
    teamKey: teamKey ?? (kind === 'team' ? key : null),
    teamName: liveTeam?.name ?? documentedTeam?.name ?? null,
  };
}

/** Sorts experiments by environment and key, and drops all but the first received of each pair. */
function firstOfEach(experiments: OwnRow<'metric_group_experiments'>[]): OwnRow<'metric_group_experiments'>[] {
  const same = (a: OwnRow<'metric_group_experiments'>, b: OwnRow<'metric_group_experiments'>): number =>
    compareUtf8(a.environment_key, b.environment_key) || compareUtf8(a.experiment_key, b.experiment_key);
  const sorted = experiments.toSorted(same);
  return sorted.filter((experiment, index) => {
    const before = sorted[index - 1];
    return before === undefined || same(before, experiment) !== 0;
  });
}

/** Spells a path: `metrics[].z`, and `metrics[]["odd name"]` for a name that is not `[A-Za-z0-9_]+`. */
function joinPath(prefix: string, name: string): string {
  if (!/^[A-Za-z0-9_]+$/.test(name)) return `${prefix}[${JSON.stringify(name.toWellFormed())}]`;
  return prefix === '' ? name : `${prefix}.${name}`;
}
