import { Stack, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Acknowledges wildcards of a policy towards cdk-nag, resource by resource: one that is added later is a finding again. */
export function acknowledgeWildcards(construct: Construct, resources: readonly string[], reason: string): void {
  const findings = resources.map((resource) => `AwsSolutions-IAM5[Resource::${flatten(Stack.of(construct).resolve(resource))}]`);
  Validations.of(construct).acknowledge(...findings.map((id) => ({ id, reason })));
}

/** A resource as cdk-nag writes it: `<Bucket.Arn>/raw/*`. */
function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument] = []] = Object.entries(value as Record<string, unknown>);
  if (name === 'Ref') return `<${argument}>`;
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(flatten).join(separator);
  }
  return JSON.stringify(value);
}
