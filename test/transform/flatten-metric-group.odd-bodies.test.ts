import { describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../lambda/extract/judge-answer.ts';
import { flattenMetricGroup } from '../../lambda/transform/flatten-metric-group.ts';
import { notJsonBodies, oddBodies } from '../launchdarkly/odd-bodies.ts';
import { describeOwnMismatches } from './column-types.ts';

const judge = (body: string, details: 'keep' | 'hash' | 'omit') =>
  judgeAnswer({ kind: 'answer', status: 200, headers: {}, body }, 'odd', details);

function mismatchesOf(body: string): string[] {
  const { group, metrics, experiments } = flattenMetricGroup({ project_key: 'demo', metric_group_key: 'odd' }, body);
  return [
    ...describeOwnMismatches('metric_groups', group),
    ...metrics.flatMap((row) => describeOwnMismatches('metric_group_metrics', row)),
    ...experiments.flatMap((row) => describeOwnMismatches('metric_group_experiments', row)),
  ];
}

const valid = oddBodies.filter(({ expected }) => expected === 'succeeded');
const invalid = oddBodies.filter(({ expected }) => expected === 'invalid');

describe('odd answers that count', () => {
  it.each(valid)('$name: every column has the type of the contract', ({ body }) => {
    expect(judge(body, 'keep')).toEqual({ status: 'succeeded', http_status: 200, error_code: null, error_message: null, body });
    expect(mismatchesOf(body)).toEqual([]);
  });

  it.each(['hash', 'omit'] as const)('have columns of the right types after %s as well', (details) => {
    for (const { name, body } of valid) {
      const judgement = judge(body, details);
      expect({ name, status: judgement.status, mismatches: mismatchesOf(judgement.body ?? '') }).toEqual({
        name,
        status: 'succeeded',
        mismatches: [],
      });
    }
  });
});

describe('odd answers that say nothing', () => {
  it.each(invalid)('$name: invalid, with a message that names the path', ({ body }) => {
    expect(judge(body, 'keep')).toEqual({
      status: 'invalid',
      http_status: 200,
      error_code: 'invalid_body',
      error_message: expect.stringMatching(/^\$/),
      body,
    });
  });

  it.each(notJsonBodies)('$name: invalid', ({ body }) => {
    expect(judge(body, 'keep')).toEqual({
      status: 'invalid',
      http_status: 200,
      error_code: 'invalid_body',
      error_message: '$: the answer is not JSON',
      body,
    });
  });
});
