import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'aws-cdk-lib';
import { readDeployments } from '../../infra/deployment-settings.ts';
import { MetricGroupSyncStack } from '../../infra/metric-group-sync-stack.ts';
import { plainDeployment, projectFolder } from '../infra/synthesize.ts';

/** Bundles the handler as the stack deploys it, by synthesizing the stack; returns the folder of the function's asset. */
export function bundleHandler(outdir: string): string {
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  for (const deployment of readDeployments({ sync: plainDeployment }, projectFolder)) new MetricGroupSyncStack(app, deployment);
  app.synth();
  return findBundle(outdir);
}

/** The one bundle of a test run: made by the worker that asks first, in the temporary folder that all of them share. */
export async function sharedBundle(): Promise<string> {
  const outdir = join(tmpdir(), 'handler-bundle');
  const made = join(outdir, 'made');
  if (isFirst(outdir)) {
    bundleHandler(outdir);
    writeFileSync(made, '');
  }
  while (!existsSync(made)) await sleep(50);
  return findBundle(outdir);
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

function findBundle(outdir: string): string {
  const folder = readdirSync(outdir, { withFileTypes: true }).find(
    (entry) => entry.isDirectory() && readdirSync(join(outdir, entry.name)).includes('index.mjs'),
  );
  if (folder === undefined) throw new Error(`no bundle in ${outdir}`);
  return join(outdir, folder.name);
}
