/** What of a metric group a history tells; the rest is always the same. */
export type GroupFields = {
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly description?: string;
  readonly metrics?: readonly string[];
  /** Experiments as `environment/experiment`. */
  readonly experiments?: readonly string[];
  /** Experiments that run. @default 0 */
  readonly running?: number;
  /** Any field of the answer, as LaunchDarkly writes it. */
  readonly fields?: Readonly<Record<string, unknown>>;
};

/** The answer about a metric group, as LaunchDarkly writes it. */
export function groupBody(key: string, group: GroupFields): string {
  const { name = key, tags = [], metrics = ['m1'], experiments = [], running = 0, fields = {} } = group;
  return JSON.stringify({
    _id: `id-of-${key}`,
    key,
    name,
    kind: 'funnel',
    ...(group.description === undefined ? {} : { description: group.description }),
    tags,
    _creationDate: Date.UTC(2026, 0, 2, 3, 4, 5, 60),
    _lastModified: Date.UTC(2026, 0, 3),
    maintainer: {
      kind: 'member',
      _member: { _id: 'member-1', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', role: 'writer' },
    },
    metrics: metrics.map((metric) => ({
      key: metric,
      name: `Metric ${metric}`,
      kind: 'custom',
      isNumeric: false,
      eventKey: `event-${metric}`,
    })),
    experiments: experiments.map((experiment) => {
      const [environment = '', experimentKey = ''] = experiment.split('/');
      return {
        key: experimentKey,
        name: `Experiment ${experimentKey}`,
        environmentId: `id-of-${environment}`,
        environmentKey: environment,
        creationDate: Date.UTC(2026, 0, 4),
      };
    }),
    experimentCount: experiments.length,
    activeExperimentCount: running,
    activeGuardedRolloutCount: 0,
    _version: 1,
    ...fields,
  });
}
