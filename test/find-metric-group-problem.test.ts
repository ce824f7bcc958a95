import { describe, expect, it } from 'vitest';
import { findProblem } from '../lambda/find-metric-group-problem.ts';
import { plainExperiment, plainGroup, plainMetric } from './launchdarkly/odd-group.ts';

const required = {
  group: ['_id', 'key', 'name', 'kind', 'tags', '_creationDate', '_lastModified', 'metrics', '_version'],
  metric: ['key', 'name', 'kind'],
  experiment: ['key', 'name', 'environmentId', 'environmentKey', 'creationDate'],
};

describe('an answer', () => {
  it('needs no more than the contract’s required fields', () => {
    const pick = (object: object, names: string[]) => Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
    const bare = {
      ...pick(plainGroup(), required.group),
      metrics: [pick(plainMetric(1), required.metric)],
      experiments: [pick(plainExperiment(1), required.experiment)],
    };
    expect(findProblem(bare)).toBeUndefined();
    expect(findProblem({ ...bare, experiments: null })).toBeUndefined();
    expect(findProblem({ ...bare, experiments: undefined, metrics: [] })).toBeUndefined();
  });

  it.each(required.group)('is unusable without %s, null counting as missing', (field) => {
    expect(findProblem({ ...plainGroup(), [field]: null })).toMatchObject({ path: `$.${field}`, got: null });
    const { [field]: _gone, ...rest } = plainGroup();
    expect(findProblem(rest)).toMatchObject({ path: `$.${field}`, got: undefined });
  });

  it.each([
    ...required.metric.map((field) => ['metrics', field] as const),
    ...required.experiment.map((field) => ['experiments', field] as const),
  ])('is unusable where one of its %s has no %s', (list, field) => {
    const [first, second] = plainGroup()[list];
    const { [field]: _gone, ...rest } = second;
    expect(findProblem({ ...plainGroup(), [list]: [first, rest] })).toMatchObject({ path: `$.${list}[1].${field}`, got: undefined });
    expect(findProblem({ ...plainGroup(), [list]: [{ ...first, [field]: null }] })).toMatchObject({
      path: `$.${list}[0].${field}`,
      got: null,
    });
  });

  it.each([
    ['_version', [2_147_483_647, -2_147_483_648, 0, 1e3], ['1', 1.5, 2_147_483_648, -2_147_483_649, true, Number.POSITIVE_INFINITY, [1]]],
    [
      '_creationDate',
      [0, -62_135_596_800_000, 253_402_300_799_999, '0', '00253402300799999'],
      ['', ' 1', '1 ', '+1', '-1', '1.0', '1e3', '253402300800000', 1.5, -62_135_596_800_001, Number.POSITIVE_INFINITY, true, {}],
    ],
    ['tags', [[], ['']], ['a', {}, [1], [null], [['a']]]],
    ['name', ['', '\ud800'], [1, true, [], {}]],
  ])('takes %s of the right type alone', (field, right, wrong) => {
    for (const value of right) expect(findProblem({ ...plainGroup(), [field]: value })).toBeUndefined();
    for (const value of wrong) expect(findProblem({ ...plainGroup(), [field]: value })?.path).toMatch(new RegExp(`^\\$\\.${field}`));
  });

  it('takes nothing from a prototype', () => {
    expect(findProblem(JSON.parse(`{"__proto__":${JSON.stringify(plainGroup())}}`))).toMatchObject({ path: '$._id', got: undefined });
  });

  it.each([[], [plainGroup()], null, 'a', 5, true])('is an object, not %j', (answer) => {
    expect(findProblem(answer)).toMatchObject({ path: '$', needed: 'an object' });
  });
});
