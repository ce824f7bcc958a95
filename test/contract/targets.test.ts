import { describe, expect, it } from 'vitest';
import { isKey, parseTargets, validateTargets } from '../../lambda/contract/targets.ts';

const right = { projectKey: 'storefront', metricGroupKey: 'checkout-funnel' };
const problemOf = (json: unknown): string => {
  try {
    validateTargets(json, 'x.json');
    return '';
  } catch (error) {
    expect(error).toMatchObject({ name: 'SyncError', kind: 'configuration' });
    return (error as Error).message;
  }
};

describe('a key', () => {
  it('has 1 to 256 letters, digits, dots, underscores and hyphens', () => {
    expect(['a', 'A.b_c-9', '...', '-', '_', '.a', 'k'.repeat(256)].map(isKey)).toEqual(Array(7).fill(true));
    expect(['', '.', '..', 'k'.repeat(257), 'a b', 'a/b', 'é', '*', 'a\n', '\na', 'a%2F'].map(isKey)).toEqual(Array(11).fill(false));
  });
});

describe('a list of targets', () => {
  it('is read as it stands, with * for every group', () => {
    const list = [right, { projectKey: 'growth', metricGroupKey: '*' }, right];
    expect(parseTargets(JSON.stringify(list), 'x.json')).toEqual(list);
    expect(parseTargets(`\uFEFF ${JSON.stringify(list)}\n`, 'x.json')).toEqual(list);
  });

  it.each(['', ' ', '[', '{]', '[{}],', 'projectKey: a'])('that is not JSON is a configuration error: %j', (text) => {
    expect(() => parseTargets(text, 's3://b/x.json')).toThrow(
      expect.objectContaining({ kind: 'configuration', message: expect.stringMatching(/^targets s3:\/\/b\/x\.json: not JSON/) }),
    );
  });

  it.each([[{}], ['a'], [null], [5], [right]])('that is no list is one too: %j', (json) => {
    expect(problemOf(json)).toContain('targets x.json: got ');
  });

  it('that is empty is one too', () => {
    expect(problemOf([])).toContain('targets x.json: the list is empty');
  });

  it('names each wrong entry, with the value got', () => {
    const problem = problemOf([
      right,
      { ...right, projectKey: 'a b' },
      { projectKey: '*', metricGroupKey: '*' },
      { projectKey: 'a' },
      { metricGroupKey: 5, projectKey: null },
      'storefront/checkout',
      null,
      [right],
      { ...right, group: 'x' },
      { ...right, metricGroupKey: '..' },
    ]);
    const [first, ...lines] = problem.split('\n');
    expect(first).toContain('targets x.json: a list such as');
    expect(lines.map((line) => line.trim())).toEqual([
      expect.stringContaining('[1].projectKey is "a b"; it must be 1 to 256 letters'),
      expect.stringContaining('[2].projectKey is "*"; it must be'),
      '[3] has no metricGroupKey',
      '[4].projectKey is null; it must be a string',
      '[4].metricGroupKey is 5; it must be a string',
      '[5] is "storefront/checkout", not an object',
      '[6] is null, not an object',
      '[7] is [{"projectKey":"storefront","metricGroupKey":"checkout-funnel"}], not an object',
      '[8] has an unknown property "group"',
      expect.stringContaining('[9].metricGroupKey is ".."; it must be'),
    ]);
  });

  it.each(['toString', 'constructor', '__proto__', 'project_key', ''])('refuses the unknown property %j', (name) => {
    const text = `[{"projectKey":"a","metricGroupKey":"b",${JSON.stringify(name)}:1}]`;
    expect(() => parseTargets(text, 'x')).toThrow(`[0] has an unknown property ${JSON.stringify(name)}`);
  });

  it('takes no property from a prototype', () => {
    expect(() => parseTargets('[{"__proto__":{"projectKey":"a","metricGroupKey":"b"}}]', 'x')).toThrow('[0] has no projectKey');
  });

  it('names every one of very many wrong entries', () => {
    const lines = problemOf(Array(1000).fill({ ...right, projectKey: '' })).split('\n');
    expect(lines).toHaveLength(1001);
    expect(lines.at(-1)).toContain('[999].projectKey is ""');
  });

  it('that is nested without end is one too', () => {
    expect(() => parseTargets('['.repeat(200_000), 'list.json')).toThrow(/nested deeper than 500/);
  });

  it('quotes no more of a value than a line’s worth', () => {
    expect(problemOf([{ projectKey: `${'x'.repeat(5000)} `, metricGroupKey: '*' }]).length).toBeLessThan(500);
    expect(problemOf('x'.repeat(5000)).length).toBeLessThan(500);
  });
});
