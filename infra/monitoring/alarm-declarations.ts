import { Duration } from 'aws-cdk-lib';
import { type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { metricNames } from '../../lambda/contract/metrics.ts';
import type { WatchedJob } from '../sync-job/watched-job.ts';
import { combineMetrics, jobMetric } from './job-metrics.ts';

/** The alarms that a job may have, by the section of docs/runbook.md that tells what to do; each is also the end of the alarm's name. */
export const alarmNames = [
  'no-published-snapshot',
  'run-failed',
  'partial-snapshot',
  'invalid-answers',
  'unknown-fields',
  'token-refused',
  'failed-runs-queue',
  'failed-execution',
  'failed-hand-overs-queue',
  'near-time-limit',
] as const;

/** The name of an alarm. */
export type AlarmName = (typeof alarmNames)[number];

/** When an alarm rings, and what it says then. */
export type AlarmDeclaration = {
  readonly meaning: string;
  readonly metric: IMetric;
  readonly rings: 'at or above' | 'below';
  readonly threshold: number;
  readonly periods: number;
  readonly missing: TreatMissingData;
};

/** CloudWatch looks back seven days at most. */
const longestWindowHours = 7 * 24;

/** How many hours may pass without a snapshot; undefined where they are more than an alarm can look back, even for a run on time. */
export function hoursWithoutSnapshot(job: WatchedJob, grace: Duration): number | undefined {
  const gapHours = job.longestGap.toHours({ integral: false });
  if (gapHours > longestWindowHours) return undefined;
  return Math.min(Math.ceil(gapHours + grace.toHours({ integral: false })), longestWindowHours);
}

/** Every alarm of a job: some belong to a single function, some to a state machine. */
export function declareAlarms(job: WatchedJob, grace: Duration, timeLimitPercent: number): Partial<Record<AlarmName, AlarmDeclaration>> {
  const hours = hoursWithoutSnapshot(job, grace);
  const limitSeconds = Math.floor((job.timeout.toSeconds() * timeLimitPercent) / 100);
  const seen = (metric: IMetric, meaning: string): AlarmDeclaration => ({
    meaning,
    metric,
    rings: 'at or above',
    threshold: 1,
    periods: 1,
    missing: TreatMissingData.NOT_BREACHING,
  });
  const everyFiveMinutes = { period: Duration.minutes(5) };
  return {
    ...(hours === undefined
      ? {}
      : {
          'no-published-snapshot': {
            meaning: `No snapshot was published within ${hours} hours (also before the first one).`,
            metric: jobMetric(job, metricNames.publishedSnapshots, Duration.hours(1)),
            rings: 'below',
            threshold: 1,
            periods: hours,
            missing: TreatMissingData.BREACHING,
          },
        }),
    'run-failed': seen(
      combineMetrics(
        'SUM',
        job.functions.map((one) => one.metricErrors(everyFiveMinutes)),
        'errors',
      ),
      job.stateMachines ? 'A step ended with an error; it is tried again.' : 'A run ended with an error; Lambda runs it again twice.',
    ),
    'partial-snapshot': seen(
      jobMetric(job, metricNames.partialSnapshots),
      'A snapshot was published without an answer for some of its targets.',
    ),
    'invalid-answers': seen(jobMetric(job, metricNames.targets.invalid), "LaunchDarkly's answers for some targets could not be used."),
    'unknown-fields': seen(
      jobMetric(job, metricNames.unknownFields),
      'LaunchDarkly sends fields that this version does not know; they are kept in extra_json.',
    ),
    'token-refused': seen(jobMetric(job, metricNames.tokenRefused), 'LaunchDarkly refused the access token, or nobody stored one yet.'),
    ...(job.failureQueue && {
      'failed-runs-queue': seen(
        job.failureQueue.metricApproximateNumberOfMessagesVisible(everyFiveMinutes),
        'A run failed to the last retry; its event waits in the queue of failed runs.',
      ),
    }),
    ...(job.stateMachines && {
      'failed-execution': seen(
        combineMetrics(
          'SUM',
          job.stateMachines.flatMap((one) => [
            one.metricFailed(everyFiveMinutes),
            one.metricTimedOut(everyFiveMinutes),
            one.metricAborted(everyFiveMinutes),
          ]),
          'executions that failed, timed out or were aborted',
        ),
        'A snapshot was not published: an execution failed to the last attempt. It can be redriven for 14 days.',
      ),
    }),
    'failed-hand-overs-queue': seen(
      job.handOverQueue.metricApproximateNumberOfMessagesVisible(everyFiveMinutes),
      'Scheduler could not start a run; its event waits in the queue of failed hand-overs.',
    ),
    'near-time-limit': {
      ...seen(
        combineMetrics(
          'MAX',
          job.boundFunctions.map((one) => one.metricDuration({ ...everyFiveMinutes, statistic: 'Maximum' })),
          'duration',
        ),
        `A run took more than ${timeLimitPercent} % of the ${job.timeout.toMinutes({ integral: false })} minutes it may take.`,
      ),
      threshold: limitSeconds * 1000,
    },
  };
}
