import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { metricNamespace, serviceDimension } from '../../lambda/contract/metrics.ts';
import type { WatchedJob } from '../sync-job/watched-job.ts';

/** What the runs of a job report of themselves, summed over a period. */
export function jobMetric(job: WatchedJob, metricName: string, period = Duration.minutes(5)): IMetric {
  return new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { [serviceDimension]: job.name },
    statistic: 'Sum',
    period,
  });
}

/** Several metrics of the same period as one; a single one stays as it is. */
export function combineMetrics(how: 'SUM' | 'MAX', metrics: readonly IMetric[], label: string): IMetric {
  const [first, ...others] = metrics;
  if (first !== undefined && others.length === 0) return first;
  const usingMetrics = Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({ expression: `${how}(METRICS())`, usingMetrics, label, period: Duration.minutes(5) });
}
