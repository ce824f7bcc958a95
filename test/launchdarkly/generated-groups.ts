import { access, experiment, link, maintainer, metric } from './group-parts.ts';
import { createJsonTemplate } from './json-template.ts';
import { mix, seedOf, uuidOf } from './seeded-numbers.ts';

/** Which of the fields that LaunchDarkly sends on request alone are asked for. */
export interface Expand {
  readonly experiments: boolean;
  readonly experimentCount: boolean;
}

/** The groups of one project, made from their index when they are asked for. */
export interface GeneratedGroups {
  readonly count: number;
  keyAt(index: number): string;
  nameAt(index: number): string;
  bodyAt(index: number, expand: Expand): string;
  /** The index of a generated key, -1 for any other key. */
  indexOf(key: string): number;
}

const words = ['checkout-funnel', 'signup-funnel', 'page-speed-guardrail', 'search-quality', 'retention', 'payments-health'] as const;
const names = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1).replaceAll('-', ' '));
const actions = [
  'createMetricGroup',
  'updateMetricGroupName',
  'updateMetricGroupDescription',
  'updateMetricGroupTags',
  'deleteMetricGroup',
];
const kinds = ['funnel', 'funnel', 'guardrail', 'standard', 'standard', 'guardrail'] as const;
const maintainerCount = 20;
const metricsPerStep = 8;
const firstCreatedAt = Date.UTC(2024, 0, 8, 9);
const day = 86_400_000;

/** Describes a project of so many groups; it holds some 400 KB of serialised templates, whatever the count. */
export function generateGroups(
  projectKey: string,
  count: number,
  seed: number,
  metricCount: number,
  experimentCount: number,
): GeneratedGroups {
  const own = seedOf(projectKey, seed);
  const maintainers = Array.from({ length: maintainerCount }, (_, n) => JSON.stringify(maintainer(seedOf('maintainers', own), n)));
  const metricSeed = seedOf('metrics', own);
  const metrics = Array.from({ length: metricCount }, (_, step) =>
    Array.from({ length: metricsPerStep }, (_, n) => JSON.stringify(metric(projectKey, metricSeed, n * metricCount + step, step))),
  );
  const experiments = Array.from({ length: experimentCount }, (_, position) =>
    experiment(projectKey, seedOf('environments', own), position),
  );
  const group = createJsonTemplate(describeGroup(projectKey));
  const experimentList = createJsonTemplate(experiments);

  const numberOf = (index: number) => String(index).padStart(6, '0');
  const keyAt = (index: number) => `${words[index % words.length]}-${numberOf(index)}`;
  const nameAt = (index: number) => `${names[index % names.length]} ${numberOf(index)}`;

  return {
    count,
    keyAt,
    nameAt,
    indexOf(key) {
      const index = Number.parseInt(key.slice(key.lastIndexOf('-') + 1), 10);
      return index >= 0 && index < count && keyAt(index) === key ? index : -1;
    },
    bodyAt(index, expand) {
      const dice = mix(own, index);
      const createdAt = firstCreatedAt + index * 60_000 + (dice % 60_000);
      let metricList = '';
      for (let step = 0; step < metricCount; step++) {
        metricList += (step === 0 ? '' : ',') + metrics[step]?.[mix(dice, step) % metricsPerStep];
      }
      const slots: Record<string, string> = {
        id: uuidOf(own, index),
        key: keyAt(index),
        name: nameAt(index),
        number: numberOf(index),
        kind: kinds[index % kinds.length] ?? 'standard',
        created: String(createdAt),
        modified: String(createdAt + (dice % 200) * day + (dice % 86_399_989)),
        maintainer: maintainers[index % maintainerCount] ?? 'null',
        metrics: `[${metricList}]`,
        version: String(1 + (dice % 9)),
        tag: `quarter-${1 + (dice % 4)}`,
        archived: String(createdAt + 90 * day + (dice % day)),
      };
      for (let n = 0; n < 8 && n < experimentCount; n++)
        slots[`started${n}`] = String(createdAt + (n + 1) * 7 * day + (mix(dice, n) % day));
      let text = group.fill(slots).slice(0, -1);
      if (expand.experiments && experimentCount > 0) text += `,"experiments":${experimentList.fill(slots)}`;
      if (expand.experimentCount) text += `,"experimentCount":${experimentCount}`;
      return `${text},"activeExperimentCount":${Math.min(experimentCount, 2)},"activeGuardedRolloutCount":0}`;
    },
  };
}

function describeGroup(projectKey: string): object {
  const home = `/api/v2/projects/${projectKey}`;
  return {
    _id: '@{id}',
    key: '@{key}',
    name: '@{name}',
    description: 'How many visitors of @{name} go on to the next step, by unit, as agreed with analytics in the quarterly review.',
    kind: '@{kind}',
    _links: { parent: link(home), self: link(`${home}/metric-groups/@{key}`) },
    _access: access(`proj/${projectKey}:metric-group/@{key}`, ...actions),
    tags: ['ops', '@{tag}'],
    _creationDate: '@#{created}',
    _lastModified: '@#{modified}',
    maintainer: '@#{maintainer}',
    metrics: '@#{metrics}',
    _version: '@#{version}',
  };
}
