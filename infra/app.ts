import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { SyncError } from '../lambda/errors.ts';
import { readDeployments } from './deployment-settings.ts';
import { MetricGroupSyncStack } from './metric-group-sync-stack.ts';

const app = new App();
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
try {
  const deployments = readDeployments(app.node.tryGetContext('deployments'), join(import.meta.dirname, '..'));
  for (const deployment of deployments) new MetricGroupSyncStack(app, deployment);
} catch (error) {
  if (!(error instanceof SyncError)) throw error;
  process.stderr.write(`${error.message}\n`);
  // At once: CDK would go on to write an empty assembly.
  process.exit(1);
}
