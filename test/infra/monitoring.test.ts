import { describe, expect, test } from 'vitest';
import { alarmNames } from '../../infra/monitoring/alarm-declarations.ts';
import { metricNames } from '../../lambda/contract/metrics.ts';
import { createStacks, onlyResource, plainDeployment, readable, resourcesOf, synthesize } from './synthesize.ts';

type Alarm = { readonly AlarmName: string; readonly AlarmDescription: string; readonly [name: string]: unknown };

const alarmsOf = (deployment: Record<string, unknown> = {}): Record<string, Alarm> =>
  Object.fromEntries(
    Object.values(resourcesOf(synthesize(deployment), 'AWS::CloudWatch::Alarm')).map(({ Properties }) => {
      const alarm = readable(Properties) as Alarm;
      return [alarm.AlarmName.replace(/^sync-/, ''), alarm];
    }),
  );
const alarms = alarmsOf();

/** The one alarm that belongs to a state machine, and the one that belongs to a single function. */
const [ofStateMachine, ofFunction] = ['failed-execution', 'failed-runs-queue'] as const;

test.each([
  ['a single function', alarms, ofStateMachine],
  ['a state machine', alarmsOf({ distributed: true }), ofFunction],
])('%s has every alarm that makes sense for it, and each names its section of the runbook', (_job, of, missing) => {
  const names = alarmNames.filter((name) => name !== missing);
  expect(Object.keys(of).sort()).toEqual([...names].sort());
  for (const name of names) expect(of[name]?.AlarmDescription).toMatch(new RegExp(` What to do: docs/runbook\\.md#${name}$`));
});

describe('no published snapshot', () => {
  const window = (schedule: string): unknown => alarmsOf({ schedule })['no-published-snapshot']?.['EvaluationPeriods'];

  test('is an alarm when the schedule, hand-over, retries and an hour for the clocks have passed; missing data is failure', () => {
    expect(alarms['no-published-snapshot']).toMatchObject({
      Namespace: 'MetricGroupSync',
      MetricName: 'PublishedSnapshots',
      Dimensions: [{ Name: 'service', Value: 'sync' }],
      Statistic: 'Sum',
      Period: 3600,
      EvaluationPeriods: 27,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test.each([
    ['rate(1 hour)', 4],
    ['rate(12 hours)', 15],
    ['cron(0 6 ? * MON-FRI *)', 75],
    ['cron(0 6 ? * MON *)', 168],
  ])('%s is given %i hours, never more than the seven days CloudWatch looks back', (schedule, hours) => {
    expect(window(schedule)).toBe(hours);
  });

  test('cannot be watched for a monthly schedule, and that is said', () => {
    const { app, stacks } = createStacks({ sync: { ...plainDeployment, schedule: 'cron(0 6 1 * ? *)' } });
    const messages = app
      .synth()
      .getStackArtifact(stacks[0]?.artifactId ?? '')
      .messages.map(({ entry }) => String(entry.data));
    expect(messages).toEqual([expect.stringContaining('there is no alarm for a missing snapshot')]);
  });
});

test.each([
  ['partial-snapshot', metricNames.partialSnapshots],
  ['invalid-answers', metricNames.targets.invalid],
  ['unknown-fields', metricNames.unknownFields],
  ['token-refused', metricNames.tokenRefused],
])('%s rings at the first %s, under the name the handler writes', (name, metric) => {
  expect(alarms[name]).toMatchObject({
    Namespace: 'MetricGroupSync',
    MetricName: metric,
    Dimensions: [{ Name: 'service', Value: 'sync' }],
    Statistic: 'Sum',
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
  });
});

test('a failed run, a run near its limit, and an event in either queue ring', () => {
  const watched = ['run-failed', 'near-time-limit', 'failed-runs-queue', 'failed-hand-overs-queue'].map((name) => {
    const { MetricName, Dimensions, Statistic, Threshold } = alarms[name] as Alarm;
    return [MetricName, (Dimensions as { Value: string }[])[0]?.Value, Statistic, Threshold];
  });
  expect(watched).toEqual([
    ['Errors', `\${SyncFunction}`, 'Sum', 1],
    ['Duration', `\${SyncFunction}`, 'Maximum', 720_000],
    ['ApproximateNumberOfMessagesVisible', `\${SyncFailedRuns.QueueName}`, 'Maximum', 1],
    ['ApproximateNumberOfMessagesVisible', `\${SyncFailedHandOvers.QueueName}`, 'Maximum', 1],
  ]);
});

describe('with an e-mail address', () => {
  const template = synthesize({ alarmEmail: 'team@example.com' });

  test('every alarm is mailed', () => {
    expect(onlyResource(template, 'AWS::SNS::Subscription').Properties).toMatchObject({ Protocol: 'email', Endpoint: 'team@example.com' });
    for (const alarm of Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'))) {
      expect(readable(alarm.Properties['AlarmActions'])).toEqual([`\${MonitoringTopic}`]);
    }
  });

  test('alarms may still publish to the topic, whose policy takes the place of the default one', () => {
    const { PolicyDocument } = readable(onlyResource(template, 'AWS::SNS::TopicPolicy').Properties) as {
      PolicyDocument: { Statement: unknown[] };
    };
    expect(PolicyDocument.Statement).toContainEqual({
      Sid: 'AlarmsPublish',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: 'sns:Publish',
      Resource: `\${MonitoringTopic}`,
      Condition: { StringEquals: { 'aws:SourceAccount': `\${AWS::AccountId}` } },
    });
  });
});

test('monitoring is opted out of: whole, or alarm by alarm', () => {
  const off = synthesize({ monitoring: false });
  expect(resourcesOf(off, 'AWS::CloudWatch::Alarm')).toEqual({});
  expect(resourcesOf(off, 'AWS::CloudWatch::Dashboard')).toEqual({});
  expect(Object.keys(alarmsOf({ alarmsOff: ['unknown-fields'] }))).toHaveLength(alarmNames.length - 2);
});
