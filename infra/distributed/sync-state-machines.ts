import { ArnFormat, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import { defineStart, defineSync, mapLabels } from './definition.ts';
import { createSliceList } from './slice-list.ts';
import { createStateMachineRole } from './state-machine-role.ts';

/** What the two state machines of a distributed sync are made of. */
export type SyncStateMachinesProps = {
  /** Name of the deployment, and of the state machine. */
  readonly name: string;
  readonly steps: { readonly plan: IFunction; readonly extract: IFunction; readonly publish: IFunction };
  readonly maxConcurrency: number;
  readonly functionTimeout: Duration;
  readonly executionTimeout: Duration;
  readonly logRetention: RetentionDays;
};

/** The state machine that syncs, and the one that starts it under the name of a snapshot. */
export type SyncStateMachines = { readonly sync: StateMachine; readonly start: StateMachine };

/** Makes both, with roles written by hand: CDK's own would read whole buckets. */
export function createSyncStateMachines(scope: Construct, props: SyncStateMachinesProps): SyncStateMachines {
  const { name, steps } = props;
  const stack = Stack.of(scope);
  const sliceList = createSliceList(scope, 'SliceList');
  // Known before it is there: its role names it, as each child is an execution of it.
  const syncArn = stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: name,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const executions = ['', ...mapLabels.map((label) => `/${label}`)].map((label) =>
    stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${name}${label}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  const role = createStateMachineRole(scope, 'StateMachineRole', 'Runs the steps of a distributed sync', [
    new PolicyStatement({
      sid: 'InvokeSteps',
      actions: ['lambda:InvokeFunction'],
      resources: [steps.plan, steps.extract, steps.publish].map(({ functionArn }) => functionArn),
    }),
    new PolicyStatement({
      sid: 'ReadSliceList',
      actions: ['s3:GetObject'],
      resources: [sliceList.bucket.arnForObjects(sliceList.s3ObjectKey)],
    }),
    new PolicyStatement({ sid: 'StartChildren', actions: ['states:StartExecution'], resources: [syncArn] }),
    new PolicyStatement({
      sid: 'WatchChildren',
      actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
      resources: executions,
    }),
  ]);
  acknowledgeWildcards(role, executions, 'Children have names that Step Functions makes up.');
  const startRole = createStateMachineRole(scope, 'StartRole', 'Starts a distributed sync under the name of its snapshot', [
    new PolicyStatement({ sid: 'StartSync', actions: ['states:StartExecution'], resources: [syncArn] }),
  ]);
  const definition = defineSync({
    plan: steps.plan.functionArn,
    extract: steps.extract.functionArn,
    publish: steps.publish.functionArn,
    sliceList: { bucket: sliceList.s3BucketName, key: sliceList.s3ObjectKey },
    maxConcurrency: props.maxConcurrency,
    functionTimeoutSeconds: props.functionTimeout.toSeconds(),
    executionTimeoutSeconds: props.executionTimeout.toSeconds(),
  });
  return {
    sync: createStateMachine(scope, 'StateMachine', name, definition, role, props.logRetention),
    start: createStateMachine(scope, 'Start', `${name}_start`, defineStart(syncArn), startRole, props.logRetention),
  };
}

function createStateMachine(
  scope: Construct,
  id: string,
  name: string,
  definition: object,
  role: Role,
  retention: RetentionDays,
): StateMachine {
  // Names outside of /aws/vendedlogs/ fill up the one policy that all log deliveries of an account share.
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    logGroupName: `/aws/vendedlogs/states/${name}`,
    retention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return new StateMachine(scope, id, {
    stateMachineName: name,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(Stack.of(scope).toJsonString(definition)),
    role: role.withoutPolicyUpdates(),
    logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: true },
    tracingEnabled: true,
  });
}
