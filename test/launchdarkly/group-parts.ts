import { hexOf, mix, uuidOf } from './seeded-numbers.ts';

const people = [
  ['Ariel', 'Flores', 'admin'],
  ['Sam', 'Okafor', 'writer'],
  ['Jörg', 'Müller', 'writer'],
  ['Mei', 'Tanaka', 'reader'],
  ['Zoë', "O'Brien", 'owner'],
  ['Luca', 'Rossi', 'custom'],
  ['Priya', 'Nair', 'writer'],
] as const;

const teams = ['growth', 'checkout', 'search-and-browse', 'payments', 'mobile'] as const;

const steps = [
  ['Landing page viewed', 'pageview'],
  ['Product added to cart', 'custom'],
  ['Checkout button clicked', 'click'],
  ['Payment submitted', 'custom'],
  ['Order value', 'custom'],
  ['Request latency', 'trace'],
  ['Error rate', 'custom'],
] as const;

const environments = ['production', 'staging', 'eu-production', 'test'] as const;

/** A link as LaunchDarkly writes it. */
export function link(href: string): { href: string; type: string } {
  return { href, type: 'application/json' };
}

/** What the caller may do, in the shape and about the size of a real answer. */
export function access(resource: string, ...allowed: readonly string[]): object {
  const reason = { effect: 'allow', resources: [resource], actions: ['*'], role_name: 'LaunchDarkly Reader' };
  return { denied: [], allowed: allowed.map((action) => ({ action, reason })) };
}

function member(seed: number, n: number): object {
  const [firstName, lastName, role] = people[n % people.length] ?? people[0];
  const _id = hexOf(seed, n, 24);
  const email = `${firstName}.${lastName}${n}@acme.example`
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[^a-z0-9.@]/g, '');
  return { _links: { self: link(`/api/v2/members/${_id}`) }, _id, firstName, lastName, role, email };
}

function team(n: number): { key: string; name: string } {
  const key = teams[n % teams.length] ?? teams[0];
  const links = { parent: link('/api/v2/teams'), roles: link(`/api/v2/teams/${key}/roles`), self: link(`/api/v2/teams/${key}`) };
  return Object.assign({ customRoleKeys: ['access-to-test-projects'], key, name: `The ${key} team` }, { _links: links });
}

/** The n-th maintainer: seven of ten members and two teams in the live shape, every tenth one in the documented shape. */
export function maintainer(seed: number, n: number): object {
  if (n % 10 === 9) return n % 20 === 19 ? { team: team(n) } : { member: member(seed, n) };
  if (n % 10 < 7) return { key: hexOf(seed, n, 24), kind: 'member', _member: member(seed, n) };
  return { key: team(n).key, kind: 'team', _team: team(n) };
}

/** The n-th metric of a project, as it stands in the given step (from 0) of a group. */
export function metric(projectKey: string, seed: number, n: number, step: number): object {
  const [name, kind] = steps[step % steps.length] ?? steps[0];
  const key = `${name.toLowerCase().replaceAll(' ', '-')}-${n}`;
  return {
    key,
    _versionId: uuidOf(seed, n),
    name: `${name} (${n})`,
    kind,
    isNumeric: step % 5 === 4,
    ...(kind === 'custom' ? { eventKey: `${name.toLowerCase().replaceAll(' ', '_')}.${n}` } : {}),
    unitAggregationType: step % 5 === 4 ? 'average' : 'sum',
    analysisType: step % 7 === 5 ? 'percentile' : 'mean',
    randomizationUnits: ['user'],
    analysisUnits: mix(seed, n) % 4 === 0 ? ['user', 'account'] : ['user'],
    nameInGroup: `Step ${step + 1}`,
    _links: { parent: link(`/api/v2/metrics/${projectKey}`), self: link(`/api/v2/metrics/${projectKey}/${key}`) },
  };
}

/** The experiment at a position of a group, its key and dates left open as the slots `number`, `started<n>` and `archived`. */
export function experiment(projectKey: string, seed: number, position: number): object {
  const environmentKey = environments[position % environments.length] ?? environments[0];
  const key = `experiment-@{number}-${position + 1}`;
  const home = `/api/v2/projects/${projectKey}/environments/${environmentKey}`;
  return {
    key,
    name: `Experiment ${position + 1} of @{name}`,
    environmentId: hexOf(seed, position % environments.length, 24),
    environmentKey,
    creationDate: `@#{started${position % 8}}`,
    ...(position % 3 === 2 ? { archivedDate: '@#{archived}' } : {}),
    _links: { parent: link(home), self: link(`${home}/experiments/${key}`) },
  };
}
