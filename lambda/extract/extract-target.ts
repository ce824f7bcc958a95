import type { Clock } from '../clock.ts';
import { formatInstant } from '../contract/instants.ts';
import type { MaintainerDetails, PartLine } from '../contract/raw.ts';
import { isKey } from '../contract/targets.ts';
import { judgeAnswer } from './judge-answer.ts';
import type { LaunchDarklyClient } from './launchdarkly-client.ts';

/** The path of a metric group with its experiments and their count. */
export const metricGroupPath = (projectKey: string, metricGroupKey: string): string =>
  `/api/v2/projects/${encodeURIComponent(projectKey)}/metric-groups/${encodeURIComponent(metricGroupKey)}?expand=experiments,experimentCount`;

/** Asks for one target and tells how it ended; a listed key that breaks the rule for keys is `invalid` without a request. */
export async function extractTarget(
  { project_key, metric_group_key }: { readonly project_key: string; readonly metric_group_key: string },
  client: LaunchDarklyClient,
  details: MaintainerDetails,
  clock: Clock,
  onBackOff?: () => void,
): Promise<PartLine> {
  const keys = { project_key, metric_group_key };
  if (!isKey(metric_group_key)) {
    return {
      ...keys,
      status: 'invalid',
      http_status: null,
      error_code: 'invalid_key',
      error_message: `the listed key ${JSON.stringify(metric_group_key.slice(0, 300))} is none: 1 to 256 letters, digits, ".", "_" or "-" make one`,
      attempts: 0,
      rate_limited_count: 0,
      duration_ms: 0,
      extracted_at: formatInstant(clock.now()),
      body: null,
    };
  }
  const { result, attempts, rateLimitedCount, durationMs } = await client.ask(
    'metric group',
    metricGroupPath(project_key, metric_group_key),
    onBackOff,
  );
  const judgement = judgeAnswer(result, metric_group_key, details);
  // A target that waited for its turn is old by V8's measure: what it holds would stay until the next full collection.
  if (result.kind === 'answer') result.read = undefined;
  return {
    ...keys,
    status: judgement.status,
    http_status: judgement.http_status,
    error_code: judgement.error_code,
    error_message: judgement.error_message,
    attempts,
    rate_limited_count: rateLimitedCount,
    duration_ms: durationMs,
    extracted_at: formatInstant(clock.now()),
    body: judgement.body,
  };
}
