import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readDeployments } from '../../infra/deployment-settings.ts';
import { MetricGroupSyncStack } from '../../infra/metric-group-sync-stack.ts';
import { plainDeployment, projectFolder } from '../infra/synthesize.ts';

/** Bundles the handler as the stack deploys it, by synthesizing the stack; returns the folder of the function's asset. */
export function bundleHandler(outdir: string): string {
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  for (const deployment of readDeployments({ sync: plainDeployment }, projectFolder)) new MetricGroupSyncStack(app, deployment);
  app.synth();
  const folder = readdirSync(outdir, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && readdirSync(join(outdir, entry.name)).includes('index.mjs'),
  );
  if (folder === undefined) throw new Error(`no bundle in ${outdir}`);
  return join(outdir, folder.name);
}
