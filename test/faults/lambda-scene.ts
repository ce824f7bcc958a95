import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { MaintainerDetails } from '../../lambda/contract/raw.ts';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { type SimulatedSecretsManager, startSecretsManager } from '../aws/secrets-manager-server.ts';
import { type LambdaProcess, startLambda } from '../lambda/lambda-process.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld, type WorldOptions } from '../launchdarkly/world.ts';
import type { Trial } from './fault.ts';
import { requireNoSecrets, secretToken } from './secrets.ts';

/** The deployed bundle, and all that it talks to. */
export type LambdaScene = {
  readonly launchDarkly: SimulatedLaunchDarkly;
  readonly s3: SimulatedS3;
  readonly secrets: SimulatedSecretsManager;
  /** Starts an execution environment. */
  start(): Promise<LambdaProcess>;
  /** The objects of the output by name. */
  objects(): Map<string, Buffer>;
};

/** Bundles as the stack does, in a process of its own: it takes seconds without a pause. */
const bundle = (trial: Trial): Promise<string> =>
  trial.share('bundle', async (onEnd) => {
    const folder = await mkdtemp(join(tmpdir(), 'metric-group-sync-bundle-'));
    onEnd(() => rm(folder, { recursive: true, force: true }));
    const script = `import { bundleHandler } from ${JSON.stringify(new URL('../lambda/bundle-handler.ts', import.meta.url).href)};
      console.log(bundleHandler(process.argv[1]));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, folder]);
    return stdout.trim().split('\n').at(-1) ?? '';
  });

/** Sets up a scene that ends with its trial; every object, log line and answer is searched for secrets. */
export async function createLambdaScene(trial: Trial, world: WorldOptions, details: MaintainerDetails): Promise<LambdaScene> {
  const folder = await bundle(trial);
  const launchDarkly = await startLaunchDarkly({ world: createWorld(world), token: secretToken, latencyMs: 2 });
  const s3 = await startS3({ buckets: ['warehouse', 'lists'] });
  const secrets = await startSecretsManager({ secrets: { token: JSON.stringify({ accessToken: secretToken }) } });
  const body = Buffer.from(JSON.stringify([{ projectKey: 'storefront', metricGroupKey: '*' }]));
  s3.objects.set('lists/targets.json', { body, metadata: {}, contentType: 'application/json' });
  const started: LambdaProcess[] = [];
  const answers: string[] = [];
  trial.onTestFinished(async () => {
    await Promise.all([...started.map((lambda) => lambda.close()), launchDarkly.close(), s3.close(), secrets.close()]);
    const contents = [...s3.objects].map(([path, { body, metadata }]) => {
      const text = (path.endsWith('.gz') ? gunzipSync(body) : body).toString('utf8');
      return `${path} ${JSON.stringify(metadata)} ${text}`;
    });
    trial.noteSearched(requireNoSecrets([...started.map((lambda) => lambda.logs()), ...answers, ...contents], details !== 'keep'));
  });
  const prefix = 'warehouse/out/';
  return {
    launchDarkly,
    s3,
    secrets,
    start: async () => {
      const lambda = await startLambda(folder, {
        ...s3.environment,
        ...secrets.environment,
        LAUNCHDARKLY_BASE_URL: launchDarkly.url,
        TARGETS_URI: 's3://lists/targets.json',
        OUTPUT_URI: 's3://warehouse/out',
        ACCESS_TOKEN_SECRET_ID: 'token',
        MAX_REQUESTS_PER_SECOND: '500',
        MAX_ATTEMPTS: '1',
        MAINTAINER_DETAILS: details,
        POWERTOOLS_SERVICE_NAME: 'metric-group-sync',
      });
      started.push(lambda);
      return {
        ...lambda,
        invoke: async (...given) => {
          const end = await lambda.invoke(...given);
          answers.push(JSON.stringify(end));
          return end;
        },
      };
    },
    objects: () =>
      new Map([...s3.objects].flatMap(([path, { body }]) => (path.startsWith(prefix) ? [[path.slice(prefix.length), body]] : []))),
  };
}
