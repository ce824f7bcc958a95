import { maintainer } from '../launchdarkly/group-parts.ts';
import { hexOf, seedOf, uuidOf } from '../launchdarkly/seeded-numbers.ts';
import { createWorld, type World } from '../launchdarkly/world.ts';

const seed = seedOf('demo', 1);
const createdAt = Date.UTC(2026, 2, 2, 9);
const hour = 3_600_000;
const step = (key: string): object => ({
  key,
  _versionId: uuidOf(seedOf(key, seed), 0),
  name: `${key.charAt(0).toUpperCase()}${key.slice(1)}`,
  kind: 'custom',
  isNumeric: false,
  eventKey: `${key}-done`,
  unitAggregationType: 'sum',
  analysisType: 'mean',
  analysisUnits: ['user'],
  nameInGroup: key,
});
const experiment = (key: string, name: string, environmentKey: string, startedAt: number): object => ({
  key,
  name,
  environmentId: hexOf(seedOf(environmentKey, seed), 0, 24),
  environmentKey,
  creationDate: startedAt,
});

/** Creates an account of two projects, small enough to read; some fields are not as LaunchDarkly documents them. */
export function createDemoWorld(): World {
  const world = createWorld({ projects: {} });
  let count = 0;
  const add = (projectKey: string, key: string, kind: string, steps: readonly string[], more: Record<string, unknown> = {}): void => {
    const index = count++;
    world.set(projectKey, key, {
      _id: uuidOf(seed, index),
      key,
      name: `${key.charAt(0).toUpperCase()}${key.slice(1).replaceAll('-', ' ')}`,
      kind,
      tags: [projectKey],
      _creationDate: createdAt + index * hour,
      _lastModified: createdAt + index * 30 * hour,
      maintainer: maintainer(seed, index),
      metrics: steps.map(step),
      _version: 1 + (index % 3),
      activeExperimentCount: (more['experiments'] as [] | undefined)?.length ?? 0,
      activeGuardedRolloutCount: 0,
      ...more,
    });
  };
  add('storefront', 'checkout-funnel', 'funnel', ['cart', 'address', 'payment'], {
    experiments: [
      experiment('one-page-checkout', 'One-page checkout', 'production', createdAt + 700 * hour),
      experiment('one-page-checkout', 'One-page checkout', 'staging', createdAt + 650 * hour),
    ],
  });
  add('storefront', 'page-speed', 'guardrail', ['latency', 'errors'], {
    experiments: [experiment('image-cdn', 'Image CDN', 'production', createdAt + 300 * hour)],
  });
  add('storefront', 'search-quality', 'standard', ['search', 'click']);
  add('growth', 'signup-funnel', 'funnel', ['visit', 'form', 'verify'], {
    experiments: [experiment('short-form', 'Short form', 'production', createdAt + 500 * hour)],
  });
  // Published examples of the API carry dates as strings of digits.
  add('growth', 'trial-conversion', 'funnel', ['trial', 'plan', 'pay'], { _creationDate: String(createdAt + 90 * hour) });
  // LaunchDarkly adds fields without notice: this one is in no documentation.
  add('growth', 'onboarding', 'standard', ['invite', 'project'], { reviewState: 'approved' });
  add('growth', 'referral-loop', 'standard', ['share', 'join']);
  add('growth', 'retention', 'standard', ['return']);
  add('growth', 'pricing-page', 'funnel', ['visit', 'compare', 'pay'], {
    experiments: [
      { ...experiment('annual-first', 'Annual price first', 'production', createdAt + 100 * hour), archivedDate: createdAt + 400 * hour },
    ],
  });
  add('growth', 'half-deleted', 'standard', ['visit']);
  return world;
}

/** What happens to the groups between the two snapshots. */
export function changeDemoWorld(world: World, nowMs: number): void {
  const update = (projectKey: string, key: string, fields: Record<string, unknown>): void => {
    const version = Number(world.get(projectKey, key)['_version']);
    world.change(projectKey, key, { ...fields, _version: version + 1, _lastModified: nowMs });
  };
  update('storefront', 'checkout-funnel', { name: 'Checkout funnel (web)' });
  update('growth', 'signup-funnel', { metrics: ['visit', 'form', 'verify', 'login'].map(step) });
  // An experiment changes its own version, not that of the group it uses.
  world.change('storefront', 'search-quality', {
    experiments: [experiment('semantic-search', 'Semantic search', 'production', nowMs)],
    experimentCount: 1,
    activeExperimentCount: 1,
  });
  world.delete('growth', 'referral-loop');
  world.set('growth', 'win-back', {
    ...world.get('growth', 'retention'),
    _id: uuidOf(seed, 99),
    key: 'win-back',
    name: 'Win back',
    _creationDate: nowMs,
    _lastModified: nowMs,
    _version: 1,
  });
}

/** These changes in words, and that of what the token may read. */
export const describedChanges = [
  'storefront/checkout-funnel is renamed',
  'growth/signup-funnel gets a fourth metric, login',
  'storefront/search-quality gets an experiment, semantic-search',
  'growth/referral-loop is deleted, growth/win-back is new',
  'storefront/page-speed may no longer be read by the token',
] as const;
