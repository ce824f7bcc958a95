import { expect } from 'vitest';
import { commitObject, type Snapshot, snapshotAt } from '../../lambda/contract/objects.ts';
import { type SimulatedS3, startS3 } from '../aws/s3-server.ts';
import { type SimulatedSecretsManager, startSecretsManager } from '../aws/secrets-manager-server.ts';
import { type SimulatedLaunchDarkly, startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { readLines } from '../run-sync.ts';

import { type LambdaProcess, startLambda } from './lambda-process.ts';
import { sharedBundle } from './shared-bundle.ts';

export const secretId = 'metric-group-sync/token';

/** All that the deployed bundle talks to. */
export type LambdaScene = {
  /** The folder of the bundle. */
  readonly bundle: string;
  readonly launchDarkly: SimulatedLaunchDarkly;
  readonly s3: SimulatedS3;
  readonly secrets: SimulatedSecretsManager;
  /** Every environment that was started. */
  readonly started: readonly LambdaProcess[];
  /** Starts an execution environment with an output of its own. */
  start(environment?: Readonly<Record<string, string>>): Promise<SceneLambda>;
  /** Replaces the list of targets. */
  writeTargets(list: unknown): void;
  /** Ends all faults. */
  mend(): void;
  close(): Promise<void>;
};

/** An execution environment and what it left in its output. */
export type SceneLambda = LambdaProcess & {
  readonly outputUri: string;
  /** The committed row of a snapshot. */
  committed(scheduledTime: string): unknown;
  /** The objects of a snapshot, as names below the output: `plan`, `parts/00000-00000`, `seal`, `tables/…`. */
  objects(scheduledTime: string): string[];
  /** The lines of its log that are metrics. */
  metrics(): Record<string, unknown>[];
};

/** Sets up a LaunchDarkly with a project `demo`, buckets, a secret and the bundle. */
export async function createLambdaScene(groups: number): Promise<LambdaScene> {
  const launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { demo: groups } }) });
  const s3 = await startS3({ buckets: ['warehouse', 'lists'] });
  const secrets = await startSecretsManager({ secrets: { [secretId]: launchDarkly.token } });
  const started: LambdaProcess[] = [];
  const scene: LambdaScene = {
    bundle: await sharedBundle(),
    launchDarkly,
    s3,
    secrets,
    started,
    start: async (environment) => {
      const outputUri = environment?.['OUTPUT_URI'] ?? `s3://warehouse/out-${started.length}`;
      const lambda = await startLambda(scene.bundle, {
        ...s3.environment,
        ...secrets.environment,
        LAUNCHDARKLY_BASE_URL: launchDarkly.url,
        TARGETS_URI: 's3://lists/targets.json',
        OUTPUT_URI: outputUri,
        ACCESS_TOKEN_SECRET_ID: secretId,
        MAX_REQUESTS_PER_SECOND: '500',
        MAX_ATTEMPTS: '1',
        POWERTOOLS_SERVICE_NAME: 'metric-group-sync',
        ...environment,
      });
      started.push(lambda);
      return { ...lambda, outputUri, ...createOutputReader(s3, outputUri), metrics: () => metricLines(lambda.logs()) };
    },
    writeTargets: (list) => {
      const body = Buffer.from(JSON.stringify(list));
      s3.objects.set('lists/targets.json', { body, metadata: {}, contentType: 'application/json' });
    },
    mend: () => {
      launchDarkly.setFaults([]);
      s3.faults = [];
      secrets.faults = [];
    },
    close: async () => {
      await Promise.all([...started.map((lambda) => lambda.close()), launchDarkly.close(), s3.close(), secrets.close()]);
    },
  };
  scene.writeTargets(everyGroup);
  return scene;
}

function createOutputReader({ objects }: SimulatedS3, outputUri: string): Pick<SceneLambda, 'committed' | 'objects'> {
  const prefix = `${outputUri.slice('s3://'.length)}/`;
  const snapshotOf = (scheduledTime: string): Snapshot => snapshotAt(Date.parse(scheduledTime));
  return {
    committed: (scheduledTime) => readLines(objects.get(prefix + commitObject(snapshotOf(scheduledTime)))?.body)[0],
    objects: (scheduledTime) => {
      const { id } = snapshotOf(scheduledTime);
      const names = [...objects.keys()].filter((key) => key.startsWith(prefix) && key.includes(id)).map((key) => key.slice(prefix.length));
      return names.map((name) => name.replace(/^raw\/.*?Z\//, '').replace(/\.jsonl?\.gz$/, '')).sort();
    },
  };
}

const metricLines = (logs: string): Record<string, unknown>[] =>
  logs
    .split('\n')
    .filter((line) => line.includes('CloudWatchMetrics'))
    .map((line) => JSON.parse(line));

/** Fails where a log holds a token or a target that succeeded, or a line of it is no JSON. */
export function expectCleanLogs({ started, launchDarkly, secrets }: LambdaScene): void {
  const logs = started.map((lambda) => lambda.logs()).join('\n');
  for (const secret of [launchDarkly.token, ...secrets.secrets.values()]) expect(logs).not.toContain(String(secret));
  expect(launchDarkly.world.keys('demo').filter((key) => logs.includes(`"${key}"`))).toEqual([]);
  for (const line of logs.split('\n').filter(Boolean)) expect(() => JSON.parse(line)).not.toThrow();
}

/** A list of targets that stands for all groups of the scene. */
export const everyGroup = [{ projectKey: 'demo', metricGroupKey: '*' }];

/** An instant so many minutes ago, in whole seconds. */
export const minutesAgo = (minutes: number): string => new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000).toISOString();
