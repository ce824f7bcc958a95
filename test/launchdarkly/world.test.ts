import { describe, expect, it } from 'vitest';
import { oddBodies } from './odd-bodies.ts';
import { createWorld } from './world.ts';

const everything = { experiments: true, experimentCount: true };
const pageKeys = (world: ReturnType<typeof createWorld>, ...args: [number, number, 'createdAt' | '-createdAt' | 'name' | '-name']) =>
  world.page('p', ...args).items.map((item) => (JSON.parse(item) as { key: string }).key);

describe('world', () => {
  it('gives the same groups for the same seed and others for another', () => {
    const text = (seed: number) => createWorld({ projects: { p: 50 }, seed }).body('p', 'signup-funnel-000007', everything);
    expect(text(1)).toBe(text(1));
    expect(text(1)).not.toBe(text(2));
  });

  it('holds a million groups, of which each is valid JSON of realistic size with an id of its own', () => {
    const world = createWorld({ projects: { p: 1_000_000 } });
    const { items, totalCount } = world.page('p', 999_950, 50, 'createdAt');
    const groups = items.map((item) => JSON.parse(item) as { _id: string; key: string; metrics: unknown[]; experiments?: unknown });
    expect(totalCount).toBe(1_000_000);
    expect(new Set(groups.map(({ _id }) => _id)).size).toBe(50);
    expect(groups.every(({ metrics, experiments }) => metrics.length === 5 && experiments === undefined)).toBe(true);
    const whole = world.body('p', groups[0]?.key ?? '', everything) ?? '';
    expect(whole.length).toBeGreaterThan(5000);
    expect(JSON.parse(whole)).toMatchObject({ experimentCount: 3, experiments: [{}, {}, {}] });
  });

  it('shows the live maintainer mostly and the documented one sometimes', () => {
    const world = createWorld({ projects: { p: 20 } });
    const shapes = world.keys('p').map((key) => Object.keys(world.get('p', key)['maintainer'] as object).join());
    expect(shapes.filter((shape) => shape === 'key,kind,_member')).toHaveLength(14);
    expect(shapes.filter((shape) => shape === 'key,kind,_team')).toHaveLength(4);
    expect(shapes.filter((shape) => shape === 'member' || shape === 'team')).toHaveLength(2);
  });

  it('pages in every order over groups that were deleted, replaced and added', () => {
    const world = createWorld({ projects: { p: 9 } });
    const before = world.keys('p');
    world.delete('p', before[0] ?? '');
    world.delete('p', before[5] ?? '');
    world.delete('p', before[4] ?? '');
    world.change('p', before[1] ?? '', { name: 'Zebra' });
    world.set('p', 'added', { key: 'added', name: 'Aardvark' });
    const left = [...[1, 2, 3, 6, 7, 8].map((index) => before[index]), 'added'];
    expect(world.keys('p')).toEqual(left);
    for (const limit of [1, 2, 3, 50]) {
      const pages = (sort: 'createdAt' | '-createdAt') =>
        Array.from({ length: 7 / limit + 1 }, (_, page) => pageKeys(world, page * limit, limit, sort)).flat();
      expect(pages('createdAt')).toEqual(left);
      expect(pages('-createdAt')).toEqual(left.toReversed());
    }
    expect(pageKeys(world, 0, 1, 'name')).toEqual(['added']);
    expect(pageKeys(world, 0, 1, '-name')).toEqual([before[1]]);
  });

  it('brings a deleted group back at the end when it is set again', () => {
    const world = createWorld({ projects: { p: 2 } });
    const [first = '', second] = world.keys('p');
    const body = world.get('p', first);
    world.delete('p', first);
    expect(world.body('p', first, everything)).toBeUndefined();
    world.set('p', first, body);
    expect(world.keys('p')).toEqual([second, first]);
  });

  it('leaves out experiments that are empty and texts as they are', () => {
    const world = createWorld({ projects: {} });
    world.set('p', 'empty', { key: 'empty', experiments: [] });
    world.set('p', 'raw', 'no JSON');
    expect(world.body('p', 'empty', everything)).toBe('{"key":"empty","experimentCount":0}');
    expect(world.body('p', 'raw', everything)).toBe('no JSON');
    expect(world.page('p', 0, 50, 'createdAt').items.map((item) => JSON.parse(item).key)).toEqual(['empty', 'raw']);
  });
});

describe('odd bodies', () => {
  it('are JSON under names of their own, at least 60 valid and 40 invalid', () => {
    for (const { body } of oddBodies) JSON.parse(body);
    expect(new Set(oddBodies.map(({ name, expected }) => `${expected} ${name}`)).size).toBe(oddBodies.length);
    expect(oddBodies.filter(({ expected }) => expected === 'succeeded').length).toBeGreaterThanOrEqual(60);
    expect(oddBodies.filter(({ expected }) => expected === 'invalid').length).toBeGreaterThanOrEqual(40);
  });

  it('mean what the contract says, read once more in the plainest way', () => {
    const wrong = oddBodies.filter(({ body, expected }) => (isValid(JSON.parse(body)) ? 'succeeded' : 'invalid') !== expected);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

const own = (holder: object, field: string): unknown =>
  Object.hasOwn(holder, field) ? (holder as Record<string, unknown>)[field] : undefined;
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const inYears = (value: number): boolean => value >= -62_135_596_800_000 && value <= 253_402_300_799_999;

function isInstant(value: unknown): boolean {
  if (typeof value === 'string') return /^[0-9]+$/.test(value) && inYears(Number(value));
  return typeof value === 'number' && Number.isInteger(value) && inYears(value);
}

function isValid(group: unknown): boolean {
  if (!isObject(group) || own(group, 'key') !== 'odd') return false;
  const tags = own(group, 'tags');
  const metrics = own(group, 'metrics');
  const experiments = own(group, 'experiments') ?? [];
  const version = own(group, '_version');
  return (
    ['_id', 'name', 'kind'].every((field) => isText(own(group, field))) &&
    ['_creationDate', '_lastModified'].every((field) => isInstant(own(group, field))) &&
    typeof version === 'number' &&
    (version | 0) === version &&
    Array.isArray(tags) &&
    tags.every(isText) &&
    Array.isArray(metrics) &&
    metrics.every((metric) => isObject(metric) && ['key', 'name', 'kind'].every((field) => isText(own(metric, field)))) &&
    Array.isArray(experiments) &&
    experiments.every(
      (experiment) =>
        isObject(experiment) &&
        ['key', 'name', 'environmentId', 'environmentKey'].every((field) => isText(own(experiment, field))) &&
        isInstant(own(experiment, 'creationDate')),
    )
  );
}
