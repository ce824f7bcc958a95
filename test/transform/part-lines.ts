import type { PartLine, PlanHeader, PlannedTarget, Seal } from '../../lambda/contract/raw.ts';
import { plainGroup } from '../launchdarkly/odd-group.ts';

/** A target of the plan in project `demo`. */
export const planned = (key: string, discovered = false): PlannedTarget => ({ project_key: 'demo', metric_group_key: key, discovered });

/** The text of a valid answer for a key. */
export const bodyOf = (key: string, changes: object = {}): string => JSON.stringify({ ...plainGroup(), key, ...changes });

const ends = {
  succeeded: { http_status: 200, error_code: null, error_message: null },
  not_found: { http_status: 404, error_code: 'not_found', error_message: 'Unknown resource' },
  forbidden: { http_status: 403, error_code: 'forbidden', error_message: 'No access' },
  invalid: { http_status: 200, error_code: 'invalid_body', error_message: '$.name is missing' },
  failed: { http_status: null, error_code: 'timeout', error_message: 'no whole answer' },
} as const;

/** A line of a part: how asking for a group of project `demo` ended. */
export function lineOf(key: string, status: PartLine['status'], changes: Partial<PartLine> = {}): PartLine {
  return {
    project_key: 'demo',
    metric_group_key: key,
    status,
    ...ends[status],
    attempts: 1,
    rate_limited_count: 0,
    duration_ms: 12,
    extracted_at: '2026-11-23 06:00:01.234',
    body: status === 'succeeded' ? bodyOf(key) : null,
    ...changes,
  };
}

/** The header of a plan whose listings took five requests, one of them answered 429. */
export const planHeader: PlanHeader = {
  format: 1,
  scope: 'full',
  maintainer_details: 'keep',
  targets: [{ projectKey: 'demo', metricGroupKey: '*' }],
  started_at: '2026-11-23 06:00:00.100',
  requests: 5,
  rate_limited: 1,
};

/** The seal of a run. */
export const seal: Seal = {
  format: 1,
  parts: ['00000-00000', '00000-00001'],
  run_id: 'b5a1e2a4-0000-4000-8000-000000000000',
  finished_at: '2026-11-23 06:05:00.000',
  code_version: '1.2.3',
};
