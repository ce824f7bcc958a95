import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { readDeployments } from '../../infra/deployment-settings.ts';
import { MetricGroupSyncStack } from '../../infra/metric-group-sync-stack.ts';
import { plainDeployment, projectFolder } from '../infra/synthesize.ts';

/** Bundles the handler as the stack deploys it, by synthesizing the stack; returns the folder of the function's asset. */
export function bundleHandler(outdir: string): string {
  bundleDeployment(outdir, {});
  return findBundle(outdir, 'lambda/handler.ts');
}

/** Bundles the handlers of the three steps as a distributed stack deploys them; returns the folders of their assets. */
export function bundleSteps(outdir: string): Record<'plan' | 'extract' | 'publish', string> {
  bundleDeployment(outdir, { distributed: true });
  const find = (step: string): string => findBundle(outdir, `lambda/steps/${step}-handler.ts`);
  return { plan: find('plan'), extract: find('extract'), publish: find('publish') };
}

/** The modules of this project that a bundle holds. */
export function sourcesOf(bundle: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(bundle, 'index.mjs.map'), 'utf8')) as { sources: string[] };
  return sources.flatMap((source) => /(?<!node_modules.*)\blambda\/.*/.exec(source)?.[0] ?? []);
}

function bundleDeployment(outdir: string, deployment: Record<string, unknown>): void {
  withQuickRunner(() => {
    const app = new App({ outdir, builtinCloudFormationValidation: false });
    const deployments = readDeployments({ sync: { ...plainDeployment, ...deployment } }, projectFolder);
    for (const deployment of deployments) new MetricGroupSyncStack(app, deployment);
    app.synth();
  });
}

/** CDK runs `npx --no-install esbuild`, and npx takes longer to find esbuild than esbuild takes to bundle. */
function withQuickRunner(work: () => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-tools-'));
  const path = process.env['PATH'];
  writeFileSync(join(folder, 'npx'), `#!/bin/sh\nshift\ncommand=$1\nshift\nexec "${projectFolder}/node_modules/.bin/$command" "$@"\n`);
  chmodSync(join(folder, 'npx'), 0o755);
  process.env['PATH'] = [folder, path].join(delimiter);
  try {
    work();
  } finally {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  }
}

function findBundle(outdir: string, entry: string): string {
  const folders = readdirSync(outdir, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [join(outdir, one.name)] : []));
  const found = folders.find((folder) => readdirSync(folder).includes('index.mjs') && sourcesOf(folder).includes(entry));
  if (found === undefined) throw new Error(`no bundle of ${entry} in ${outdir}`);
  return found;
}
