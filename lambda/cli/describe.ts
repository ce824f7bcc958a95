import { formatInstant } from '../contract/instants.ts';
import type { PartLine } from '../contract/raw.ts';
import type { Row } from '../contract/tables.ts';
import type { Wait } from '../extract/gate.ts';
import { safeText } from '../safe-text.ts';

/** A duration for people: `6 s`, `4 min`, `2 h 5 min`. */
export function describeDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The wait a run is in, and why. */
export function describeWait({ forMs, reason }: Wait): string {
  const next = `next in ${describeDuration(forMs)}`;
  if (reason.why === 'rate limited') return `LaunchDarkly answered 429, too many requests: ${next}`;
  if (reason.why === 'spacing') return `the pace of MAX_REQUESTS_PER_SECOND: ${next}`;
  return `LaunchDarkly allows ${reason.allowed} request${reason.allowed === 1 ? '' : 's'} per ${describeDuration(reason.windowMs)}: ${next}`;
}

/** What progress is told from. */
export type ProgressState = {
  readonly done: number;
  readonly total: number;
  /** Targets settled by this run, and for how long it has asked. */
  readonly settled: number;
  readonly elapsedMs: number;
  readonly wait: Wait | undefined;
};

/** One line: done/total, rate, the wait it is in and why, time left. */
export function describeProgress({ done, total, settled, elapsedMs, wait }: ProgressState): string {
  const perSecond = elapsedMs > 0 ? settled / (elapsedMs / 1000) : 0;
  const parts = [`${formatCount(done)}/${formatCount(total)} targets`];
  if (perSecond > 0) parts.push(`${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s`);
  if (wait !== undefined && wait.forMs >= 1000) parts.push(describeWait(wait));
  if (perSecond > 0 && done < total) parts.push(`about ${describeDuration(estimateLeftMs(total - done, perSecond, wait))} left`);
  return parts.join(' · ');
}

/** Time left: by the windows still needed where LaunchDarkly names what it allows, else by the rate so far, and never less than the wait. */
function estimateLeftMs(left: number, perSecond: number, wait: Wait | undefined): number {
  const byRateMs = (left / perSecond) * 1000;
  if (wait === undefined || wait.forMs <= 0) return byRateMs;
  if (wait.reason.why !== 'budget') return Math.max(byRateMs, wait.forMs);
  return wait.forMs + Math.floor((left - 1) / Math.max(1, wait.reason.allowed)) * wait.reason.windowMs;
}

/** A kind of failure, counted, with one example. */
export type FailureKind = {
  readonly status: PartLine['status'];
  readonly code: string;
  readonly count: number;
  readonly example: PartLine;
};

const unknownFieldsShown = 8;

/** What a person wants to know at the end. */
export function describeSummary(options: {
  readonly row: Row<'sync_snapshots'>;
  readonly alreadyPublished: boolean;
  readonly asked: { readonly requests: number; readonly rateLimited: number; readonly waitedMs: number };
  readonly failures: readonly FailureKind[];
  readonly outputUri: string;
}): string {
  const { row, alreadyPublished, asked, failures, outputUri } = options;
  const lines = [
    `Snapshot ${row.snapshot_id} is ${alreadyPublished ? 'already published' : 'published'}: ${row.status}`,
    `  targets   ${formatCount(row.targets_total)}: ${outcomes(row)}`,
    `  rows      ${formatCount(row.metric_group_rows)} groups, ${formatCount(row.metric_group_metric_rows)} metrics, ${formatCount(row.metric_group_experiment_rows)} experiments`,
  ];
  if (!alreadyPublished) {
    lines.push(
      `  requests  ${formatCount(asked.requests)} in this run (${formatCount(asked.rateLimited)} answered 429), ${describeDuration(asked.waitedMs)} waited for rate limits`,
    );
  }
  const unknown = row.unknown_fields.slice(0, unknownFieldsShown).map((field) => safeText(field, 60));
  const more = row.unknown_fields.length - unknown.length;
  if (unknown.length > 0)
    lines.push(`  unknown   ${unknown.join(', ')}${more > 0 ? ` and ${more} more` : ''}: fields that this version does not know`);
  lines.push(`  tables    ${outputUri.replace(/\/+$/, '')}/tables`);
  if (row.status === 'partial') lines.push('  partial   some targets have no answer in this snapshot; the next one asks them again');
  if (failures.length > 0) lines.push('', ...describeFailures(failures));
  return lines.join('\n');
}

/** Each kind of failure with one example and what to do. */
export function describeFailures(failures: readonly FailureKind[]): string[] {
  return failures.map(({ status, code, count: times, example }) => {
    const target = safeText(`${example.project_key}/${example.metric_group_key}`, 120);
    const kind = code === status ? status : `${status} (${safeText(code, 60)})`;
    return `  ${kind} ×${formatCount(times)}, such as ${target}: ${safeText(example.error_message ?? '')}\n    → ${adviceFor(status, code)}`;
  });
}

/** What to do about a kind of failure. */
export function adviceFor(status: PartLine['status'], code: string): string {
  if (status === 'not_found') return "deleted (perhaps since it was listed), misspelt in the list, or hidden from the token's role";
  if (status === 'forbidden') return "give the token's role read access to the project's metric groups";
  if (code === 'invalid_key') return 'nothing to do here: such a key cannot be asked for';
  if (code.startsWith('http_3')) return 'set LAUNCHDARKLY_BASE_URL to the address LaunchDarkly answers at, without a redirect';
  if (status === 'invalid')
    return 'the answer is not what the API documents: look at its body under raw/, and for a newer version of this program';
  if (code === 'timeout') return 'run again later, or raise REQUEST_TIMEOUT_MS';
  return "run again later: it is LaunchDarkly's or the network's trouble";
}

function outcomes(row: Row<'sync_snapshots'>): string {
  const counts = [
    [row.targets_succeeded, 'succeeded'],
    [row.targets_not_found, 'not found'],
    [row.targets_forbidden, 'forbidden'],
    [row.targets_invalid, 'invalid'],
    [row.targets_failed, 'failed'],
  ] as const;
  return counts.flatMap(([number, name]) => (number > 0 ? [`${formatCount(number)} ${name}`] : [])).join(', ');
}

/** A number for people, `12,345`. Digits are grouped by hand: `toLocaleString` loads the data of all languages, 5 MB and 60 ms. */
export const formatCount = (number: number): string => String(number).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');

/** An instant for people and for `--snapshot-time`: RFC 3339. */
export const describeInstant = (ms: number): string => `${formatInstant(ms).slice(0, 19).replace(' ', 'T')}Z`;
