import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace, serviceDimension } from '../../lambda/contract/metrics.ts';
import type { SyncJob } from '../sync-job/sync-job.ts';

/** What the runs of a job report of themselves, summed over a period. */
export function jobMetric(job: SyncJob, metricName: string, period = Duration.minutes(5)): IMetric {
  return new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { [serviceDimension]: job.name },
    statistic: 'Sum',
    period,
  });
}
