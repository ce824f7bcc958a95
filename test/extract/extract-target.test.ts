import { describe, expect, it } from 'vitest';
import { extractTarget, metricGroupPath } from '../../lambda/extract/extract-target.ts';
import { changed } from '../launchdarkly/odd-group.ts';
import { answerOf, createFakeClient } from './answers.ts';

const clock = { now: () => Date.parse('2026-11-23T06:00:01.234Z'), elapsed: () => 0 };
const target = { project_key: 'demo', metric_group_key: 'odd' };
const at = '2026-11-23 06:00:01.234';

describe('asking for one target', () => {
  it('makes the whole line of its part', async () => {
    const body = changed(() => {});
    const { client, paths } = createFakeClient(() => ({ result: answerOf(200, body), attempts: 3, rateLimitedCount: 1, durationMs: 812 }));
    expect(await extractTarget(target, client, 'keep', clock)).toStrictEqual({
      ...target,
      status: 'succeeded',
      http_status: 200,
      error_code: null,
      error_message: null,
      attempts: 3,
      rate_limited_count: 1,
      duration_ms: 812,
      extracted_at: at,
      body,
    });
    expect(paths).toEqual(['/api/v2/projects/demo/metric-groups/odd?expand=experiments,experimentCount']);
  });

  it('keeps what is not succeeded as it came', async () => {
    const { client } = createFakeClient(() => answerOf(404, '{"code":"not_found","message":"Unknown"}'));
    expect(await extractTarget(target, client, 'keep', clock)).toStrictEqual({
      ...target,
      status: 'not_found',
      http_status: 404,
      error_code: 'not_found',
      error_message: 'Unknown',
      attempts: 1,
      rate_limited_count: 0,
      duration_ms: 7,
      extracted_at: at,
      body: '{"code":"not_found","message":"Unknown"}',
    });
  });

  it.each(['', '.', '..', 'a b', 'a/b', 'ü', '\ud800', 'k'.repeat(257), '*', 'a\n'])(
    'asks nothing for the key %j, which can be none',
    async (key) => {
      const { client, paths } = createFakeClient(() => answerOf(404));
      const line = await extractTarget({ ...target, metric_group_key: key }, client, 'keep', clock);
      expect(line).toStrictEqual({
        project_key: 'demo',
        metric_group_key: key,
        status: 'invalid',
        http_status: null,
        error_code: 'invalid_key',
        error_message: expect.stringMatching(/^the listed key "/),
        attempts: 0,
        rate_limited_count: 0,
        duration_ms: 0,
        extracted_at: at,
        body: null,
      });
      expect(paths).toEqual([]);
    },
  );

  it('encodes both keys', () => {
    expect(metricGroupPath('a b', 'c/d?')).toBe('/api/v2/projects/a%20b/metric-groups/c%2Fd%3F?expand=experiments,experimentCount');
  });
});
