import { Annotations, Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { checkProps, wholeNumberProblem } from '../check-props.ts';
import type { WatchedJob } from '../sync-job/watched-job.ts';
import { type AlarmDeclaration, type AlarmName, alarmNames, declareAlarms } from './alarm-declarations.ts';
import { createAlarmTopic } from './alarm-topic.ts';
import { createDashboard } from './dashboard.ts';

/** What is watched, and who is told. */
export interface MonitoringProps {
  /** The job that is watched. */
  readonly job: WatchedJob;
  /**
   * A topic of one's own that alarms go to. CloudWatch must be allowed to publish to it.
   * @default - none
   */
  readonly alarmTopic?: ITopic;
  /**
   * Address that alarms are mailed to, through a topic made for it.
   * @default - nobody is mailed: alarms show in the console and on the dashboard
   */
  readonly alarmEmail?: string;
  /**
   * Alarms to go without.
   * @default - none: all alarms are there
   */
  readonly without?: readonly AlarmName[];
  /**
   * How late a snapshot may be before its absence is an alarm.
   * @default - as long as hand-over and all retries may take, and an hour for clocks that change
   */
  readonly grace?: Duration;
  /**
   * Share of its timeout, in percent, that a run may take before it is an alarm.
   * @default 80
   */
  readonly timeLimitPercent?: number;
  /**
   * Whether there is a dashboard, named after the deployment.
   * @default true
   */
  readonly dashboard?: boolean;
}

/** Alarms that each name the section of the runbook for them, and a dashboard. */
export class Monitoring extends Construct {
  readonly alarms: Readonly<Partial<Record<AlarmName, Alarm>>>;
  /** The topics that alarms go to. */
  readonly topics: readonly ITopic[];
  readonly dashboard: Dashboard | undefined;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    const { job, without = [], timeLimitPercent = 80, grace = job.longestRun.plus(Duration.hours(1)) } = props;
    checkProps(this, [
      ['timeLimitPercent', timeLimitPercent, wholeNumberProblem(timeLimitPercent, 1, 100)],
      ['without', without, without.every((name) => alarmNames.includes(name)) ? undefined : `must be of ${alarmNames.join(', ')}`],
      ['alarmEmail', props.alarmEmail, props.alarmEmail === undefined ? undefined : emailProblem(props.alarmEmail)],
    ]);
    this.topics = [
      ...(props.alarmTopic ? [props.alarmTopic] : []),
      ...(props.alarmEmail === undefined ? [] : [createAlarmTopic(this, 'Topic', job.name, props.alarmEmail)]),
    ];
    const declarations = declareAlarms(job, grace, timeLimitPercent);
    if (declarations['no-published-snapshot'] === undefined && !without.includes('no-published-snapshot')) {
      Annotations.of(this).addWarningV2(
        'metric-group-sync:no-published-snapshot',
        'CloudWatch looks back 7 days at most, and this schedule runs less often: there is no alarm for a missing snapshot. The others stand.',
      );
    }
    const created = alarmNames.flatMap((name) => {
      const declaration = declarations[name];
      return declaration === undefined || without.includes(name) ? [] : [[name, this.#createAlarm(name, job.name, declaration)] as const];
    });
    this.alarms = Object.fromEntries(created);
    const alarms = created.map(([, alarm]) => alarm);
    this.dashboard = (props.dashboard ?? true) ? createDashboard(this, 'Dashboard', job, alarms) : undefined;
  }

  #createAlarm(name: AlarmName, deployment: string, { meaning, metric, rings, threshold, periods, missing }: AlarmDeclaration): Alarm {
    const alarm = new Alarm(this, alarmId(name), {
      alarmName: `${deployment}-${name}`,
      alarmDescription: `${meaning} What to do: docs/runbook.md#${name}`,
      metric,
      threshold,
      comparisonOperator:
        rings === 'below' ? ComparisonOperator.LESS_THAN_THRESHOLD : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
    for (const topic of this.topics) alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  }
}

/** What is wrong with an e-mail address; undefined where nothing is. */
export const emailProblem = (email: string): string | undefined =>
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) ? undefined : 'must be an e-mail address';

const alarmId = (name: AlarmName): string => name.replaceAll(/(?:^|-)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
