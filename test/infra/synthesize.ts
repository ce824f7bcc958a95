import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { readDeployments } from '../../infra/deployment-settings.ts';
import { MetricGroupSyncStack } from '../../infra/metric-group-sync-stack.ts';

export const projectFolder = join(import.meta.dirname, '../..');

/** A deployment with nothing but what is required. */
export const plainDeployment = { schedule: 'cron(0 6 * * ? *)', targets: 'infra/targets.json' };

/** The stacks of deployments, as `infra/app.ts` makes them, without bundling. */
export function createStacks(deployments: Record<string, unknown>): {
  readonly app: App;
  readonly stacks: readonly MetricGroupSyncStack[];
} {
  const app = createApp();
  return { app, stacks: readDeployments(deployments, projectFolder).map((deployment) => new MetricGroupSyncStack(app, deployment)) };
}

/** An app that does not bundle functions. CDK's own checks of templates, which take seconds to start, are left to `npm run synth`. */
export const createApp = (): App => new App({ context: { 'aws:cdk:bundling-stacks': [] }, builtinCloudFormationValidation: false });

const templates = new Map<string, Template>();

/** The template of one deployment, called `sync`; made once for all that ask for the same. */
export function synthesize(deployment: Record<string, unknown> = {}): Template {
  const key = JSON.stringify(deployment);
  const made = templates.get(key);
  if (made !== undefined) return made;
  const [stack] = createStacks({ sync: { ...plainDeployment, ...deployment } }).stacks;
  if (stack === undefined) throw new Error('no stack');
  const template = Template.fromStack(stack);
  templates.set(key, template);
  return template;
}

/** Resources as templates hold them. */
export type Resource = { readonly Type: string; readonly Properties: Record<string, unknown>; readonly DeletionPolicy?: string };

/** All resources of a type, by logical id; of all types where none is named. */
export function resourcesOf(template: Template, type?: string): Record<string, Resource> {
  const all = (template.toJSON()['Resources'] ?? {}) as Record<string, Resource>;
  return Object.fromEntries(Object.entries(all).filter(([, resource]) => type === undefined || resource.Type === type));
}

/** The one resource of a type. */
export function onlyResource(template: Template, type: string): Resource {
  const [resource, ...others] = Object.values(resourcesOf(template, type));
  if (resource === undefined || others.length > 0) throw new Error(`${others.length + (resource ? 1 : 0)} resources of type ${type}`);
  return resource;
}

/** Statements of policies with intrinsic functions as readable text: `${Bucket.Arn}/raw/*`, logical ids without their hash. */
export function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return `\${${withoutHash(String(argument))}}`;
  if (name === 'Fn::Sub') return argument;
  if (name === 'Fn::GetAtt') return `\${${(argument as string[]).map(withoutHash).join('.')}}`;
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(readable).join(separator);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, readable(inner)]));
}

const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
