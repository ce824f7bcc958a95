import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { readDeployments } from '../../infra/deployment-settings.ts';
import { createStacks, plainDeployment, projectFolder, type Resource, resourcesOf } from './synthesize.ts';

const nameProperties = [
  'AlarmName',
  'BucketName',
  'DashboardName',
  'FunctionName',
  'LogGroupName',
  'ManagedPolicyName',
  'Name',
  'QueueName',
  'RoleName',
  'StateMachineName',
  'TopicName',
];

/** The names that a resource has in the account, whatever its stack: tables, inline policies and saved queries have theirs within another's. */
function physicalNames({ Type, Properties }: Resource): string[] {
  if (['AWS::Glue::Table', 'AWS::IAM::Policy', 'AWS::Athena::NamedQuery'].includes(Type)) return [];
  const { DatabaseInput } = Properties as { DatabaseInput?: { Name: string } };
  const names = [DatabaseInput?.Name, ...(Type === 'AWS::Lambda::EventInvokeConfig' ? [] : nameProperties.map((name) => Properties[name]))];
  return names.flatMap((name) => (typeof name === 'string' ? [`${Type} ${name}`] : []));
}

test.each([
  [12, false],
  [16, true],
])('two deployments live side by side: no resource of one has one of the %i names of the other (distributed: %j)', (names, distributed) => {
  const { stacks } = createStacks({
    one: { ...plainDeployment, alarmEmail: 'a@example.com', distributed },
    two: { ...plainDeployment, alarmEmail: 'a@example.com', distributed },
  });
  const [one = [], two = []] = stacks.map((stack) =>
    Object.values(resourcesOf(Template.fromStack(stack)))
      .flatMap(physicalNames)
      .sort(),
  );
  expect(one).toHaveLength(names);
  expect(one).toContain('AWS::Glue::Database one');
  expect(two).toEqual(one.map((name) => name.replace(/(?<=[ /])one/, 'two')).sort());
});

const variants: Record<string, Record<string, unknown>> = {
  plain: {},
  mailed: { alarmEmail: 'a@example.com' },
  'brought along': {
    bucketName: 'given-bucket',
    outputPrefix: '',
    targets: 's3://lists/targets.json',
    secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf',
    encryptionKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/0f0e0d0c-1111-2222-3333-444455556666',
    alarmTopicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms',
    permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/boundary',
  },
};

const nagged = [false, true].flatMap((distributed) =>
  Object.entries(variants).map(([name, variant]) => [name, { ...variant, distributed }] as const),
);

test.each(nagged)('cdk-nag finds nothing that is not acknowledged: %s, %j', (_name, deployment) => {
  const { app, stacks } = createStacks({ sync: { ...plainDeployment, ...deployment } });
  const [stack] = stacks;
  if (stack === undefined) throw new Error('no stack');
  const { violations } = new AwsSolutionsChecks(app).validateScope(stack);
  expect(
    violations.map(({ ruleName, violatingResources }) => `${ruleName} ${violatingResources.map((one) => one.resourceLogicalId)}`),
  ).toEqual([]);
});

test('every finding that is acknowledged has a reason, and they are few', () => {
  const { stacks } = createStacks({ sync: plainDeployment });
  const acknowledged = (stacks[0]?.node.findAll() ?? []).flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(data as Record<string, string>)),
  );
  expect(acknowledged).toHaveLength(10);
  for (const [, reason] of acknowledged) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
});

test("cdk.json's own deployment is a right one, and synthesis asks no network", () => {
  const cdkJson = JSON.parse(readFileSync(join(projectFolder, 'cdk.json'), 'utf8'));
  expect(readDeployments(cdkJson.context.deployments, projectFolder).map(({ name }) => name)).toEqual(['metric-group-sync']);
  expect(cdkJson).toMatchObject({ app: 'node infra/app.ts', notices: false, versionReporting: false, context: { 'cli-telemetry': false } });
});

test('the stack needs no account and no region to be known', () => {
  const { stacks } = createStacks({ sync: plainDeployment });
  expect(stacks[0]?.environment).toBe('aws://unknown-account/unknown-region');
  expect(createStacks({ sync: { ...plainDeployment, account: '111122223333', region: 'eu-central-1' } }).stacks[0]?.environment).toBe(
    'aws://111122223333/eu-central-1',
  );
});
