import { Duration, Stack, type TimeZone } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** When something is started, and where an event goes that could not be handed over. */
export type SyncScheduleProps = {
  readonly expression: string;
  readonly timeZone: TimeZone;
  /** What is started, and the permission for that. */
  readonly target: { readonly arn: string; readonly action: 'lambda:InvokeFunction' | 'states:StartExecution' };
  readonly handOverQueue: IQueue;
};

/** How long Scheduler tries to hand an event over. */
export const maxHandOver = Duration.hours(1);

/**
 * The schedule. Its input names the scheduled instant, so that a retry, and a second delivery, is the same snapshot.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
export function createSyncSchedule(scope: Construct, id: string, props: SyncScheduleProps): Schedule {
  const { expression, timeZone, target, handOverQueue } = props;
  const role = createSchedulerRole(scope, `${id}Role`, target, handOverQueue);
  return new Schedule(scope, id, {
    description: 'Takes a snapshot of the metric groups',
    schedule: ScheduleExpression.expression(expression, timeZone),
    // Not LambdaInvoke or its like: their roles would live outside of this construct, and might invoke every version of a function.
    target: {
      bind: () => ({
        arn: target.arn,
        role,
        input: ScheduleTargetInput.fromObject({ scheduledTime: ContextAttribute.scheduledTime }),
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: maxHandOver.toSeconds() },
        deadLetterConfig: { arn: handOverQueue.queueArn },
      }),
    },
  });
}

/** The role of the schedule; only schedules of this account may take it. */
function createSchedulerRole(scope: Construct, id: string, target: SyncScheduleProps['target'], handOverQueue: IQueue): Role {
  const stack = Stack.of(scope);
  const key = handOverQueue.encryptionMasterKey;
  return new Role(scope, id, {
    description: 'Starts the sync of metric groups on schedule',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceAccount': stack.account,
          'aws:SourceArn': stack.formatArn({ service: 'scheduler', resource: 'schedule-group', resourceName: 'default' }),
        },
      },
    }),
    inlinePolicies: {
      Start: new PolicyDocument({
        statements: [
          new PolicyStatement({ sid: 'StartRuns', actions: [target.action], resources: [target.arn] }),
          new PolicyStatement({ sid: 'ReportFailedHandOvers', actions: ['sqs:SendMessage'], resources: [handOverQueue.queueArn] }),
          ...(key
            ? [new PolicyStatement({ sid: 'WriteEncrypted', actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] })]
            : []),
        ],
      }),
    },
  });
}
