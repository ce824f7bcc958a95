import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';

/** A role that state machines of this account may take, with what every one of them needs: to write its log and its traces. */
export function createStateMachineRole(scope: Construct, id: string, description: string, statements: readonly PolicyStatement[]): Role {
  const role = new Role(scope, id, {
    description,
    assumedBy: new ServicePrincipal('states.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
    }),
    inlinePolicies: {
      Steps: new PolicyDocument({ statements: [...statements] }),
      Watch: new PolicyDocument({
        statements: [
          new PolicyStatement({ sid: 'DeliverLogs', actions: logActions, resources: ['*'] }),
          new PolicyStatement({ sid: 'WriteTraces', actions: traceActions, resources: ['*'] }),
        ],
      }),
    },
  });
  acknowledgeWildcards(role, ['*'], 'Neither log deliveries nor traces have an ARN that a policy could name.');
  return role;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy */
const logActions = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html */
const traceActions = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'];
