import { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, type IMetric, LogQueryWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { metricNames } from '../../lambda/contract/metrics.ts';
import type { WatchedJob } from '../sync-job/watched-job.ts';
import { jobMetric } from './job-metrics.ts';

/** One page that shows how a deployment is: alarms, snapshots, targets by outcome, load, run times, and the newest warnings. */
export function createDashboard(scope: Construct, id: string, job: WatchedJob, alarms: readonly Alarm[]): Dashboard {
  const hourly = (...names: readonly string[]): IMetric[] => names.map((name) => jobMetric(job, name, Duration.hours(1)));
  const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget => new GraphWidget({ title, left, right, width: 12 });
  const dashboard = new Dashboard(scope, id, { dashboardName: job.name, defaultInterval: Duration.days(14) });
  if (alarms.length > 0) dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 4 }));
  dashboard.addWidgets(
    graph('Snapshots', hourly(metricNames.publishedSnapshots, metricNames.partialSnapshots), hourly(metricNames.metricGroupRows)),
    graph('Targets', hourly(...Object.values(metricNames.targets))),
  );
  dashboard.addWidgets(
    graph(
      'Requests to LaunchDarkly',
      hourly(metricNames.requests, metricNames.retries, metricNames.rateLimited),
      hourly(metricNames.waitedSeconds),
    ),
    graph(
      'Runs',
      job.functions.map((one) => one.metricDuration({ statistic: 'Maximum', period: Duration.hours(1) })),
      job.functions.flatMap((one) => [
        one.metricInvocations({ period: Duration.hours(1) }),
        one.metricErrors({ period: Duration.hours(1) }),
      ]),
    ),
  );
  dashboard.addWidgets(
    graph('Waiting for somebody', [
      ...(job.failureQueue ? [job.failureQueue.metricApproximateNumberOfMessagesVisible({ label: 'failed runs' })] : []),
      ...(job.stateMachines ?? []).map((one) => one.metricFailed({ label: 'failed executions' })),
      job.handOverQueue.metricApproximateNumberOfMessagesVisible({ label: 'failed hand-overs' }),
    ]),
    new LogQueryWidget({
      title: 'Warnings and errors',
      logGroupNames: [job.logGroup.logGroupName],
      queryLines: ['fields @timestamp, level, message', 'filter level in ["WARN", "ERROR"]', 'sort @timestamp desc', 'limit 50'],
      width: 12,
    }),
  );
  return dashboard;
}
