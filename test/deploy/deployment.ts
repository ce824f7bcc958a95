import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../engines/run-command.ts';
import type { Account } from './account.ts';
import { accountId, region } from './ministack.ts';

/** What a stack says of itself when it is deployed; the names are those of `infra/metric-group-sync-stack.ts`. */
export type StackOutputs = Readonly<
  Record<'OutputUri' | 'AnalystPolicyArn' | 'AccessTokenSecretArn' | 'FunctionName' | 'FailedRunsQueueUrl', string>
>;

/** Synthesizes deployments given on the command line; returns the folder of the assembly. */
export async function synthesizeDeployments(account: Account, folder: string, deployments: Record<string, unknown>): Promise<string> {
  const assembly = join(folder, 'assembly');
  await runCommand('cdk', ['synth', '--quiet', '--output', assembly, '-c', `deployments=${JSON.stringify(deployments)}`], account.options);
  return assembly;
}

/** Holds templates against CloudFormation's schemas; W3005, a dependency said twice, is how CDK writes. */
export async function lintTemplates(account: Account, assembly: string, stacks: readonly string[]): Promise<void> {
  const templates = stacks.map((stack) => join(assembly, `${stack}.template.json`));
  await runCommand('cfn-lint', ['--regions', region, '--ignore-checks', 'W3005', '--', ...templates], account.options);
}

/** What MiniStack's CloudFormation refuses; not-proved.ts tells who proves it instead. */
const unknownToMiniStack: readonly string[] = ['AWS::Athena::NamedQuery'];

/** Takes out of templates, once they are linted, what MiniStack refuses; returns what that was. */
export function leaveOutUnknown(assembly: string, stacks: readonly string[]): string[] {
  return stacks.flatMap((stack) => {
    const path = join(assembly, `${stack}.template.json`);
    const template = JSON.parse(readFileSync(path, 'utf8')) as { Resources: Record<string, { readonly Type: string }> };
    const resources = Object.entries(template.Resources);
    const isKnown = ([, { Type }]: (typeof resources)[number]): boolean => !unknownToMiniStack.includes(Type);
    writeFileSync(path, JSON.stringify({ ...template, Resources: Object.fromEntries(resources.filter(isKnown)) }));
    return resources.filter((resource) => !isKnown(resource)).map(([, { Type }]) => Type);
  });
}

/** Bootstraps the account, from an empty folder: within the project, CDK would synthesize over its `cdk.out`, without bundling. */
export async function bootstrapAccount(account: Account, folder: string): Promise<void> {
  const cwd = join(folder, 'empty');
  mkdirSync(cwd);
  await runCommand('cdk', ['bootstrap', `aws://${accountId}/${region}`], { ...account.options, cwd });
}

/** Deploys all stacks of an assembly through the roles of the bootstrap; returns their outputs. */
export async function deployStacks(account: Account, folder: string, assembly: string): Promise<Record<string, StackOutputs>> {
  const outputs = join(folder, 'outputs.json');
  await runCommand(
    ...(['cdk', ['deploy', '--all', '--app', assembly, '--require-approval', 'never', '--outputs-file', outputs]] as const),
    account.options,
  );
  return JSON.parse(readFileSync(outputs, 'utf8'));
}
