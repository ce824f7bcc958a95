import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { startS3 } from '../aws/s3-server.ts';
import { startSecretsManager } from '../aws/secrets-manager-server.ts';
import { bundleHandler } from '../lambda/bundle-handler.ts';
import { type LambdaProcess, startLambda } from '../lambda/lambda-process.ts';
import { startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { type Findings, median } from './figures.ts';

const imports = 7;
/** V8 compiles and grows its heap for the first hundreds; what grows after them would grow without end. */
const warmUp = 500;
const invocations = 1_000;

/** Measures the deployed bundle: its size, its cold import beside the two AWS clients alone, and what a thousand warm invocations leave behind. */
export async function measureLambda(): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-lambda-'));
  try {
    const bundle = join(bundleHandler(join(folder, 'cdk.out')), 'index.mjs');
    const clients = bundleClients(folder);
    const times = { bundle: [] as number[], clients: [] as number[] };
    for (let run = 0; run < imports; run++) {
      times.bundle.push(importOnce(bundle));
      times.clients.push(importOnce(clients));
    }
    const ratio = median(times.bundle) / median(times.clients);
    const warm = await invokeWarm(join(bundle, '..'));
    return {
      title: `The deployed bundle (plain: nothing but the two AWS clients), and ${invocations.toLocaleString('en-US')} warm invocations after ${warmUp} others`,
      figures: [
        { name: 'size, KB', sync: statSync(bundle).size / 1000, plain: statSync(clients).size / 1000, bound: { atMost: 700 } },
        { name: `cold import, ms, median of ${imports}`, sync: median(times.bundle), plain: median(times.clients) },
        { name: 'cold import / that of the clients', sync: ratio, bound: { atMost: 2 }, digits: 2 },
        { name: 'live heap grown in them, MB', sync: warm.liveGrownMb, bound: { atMost: 2 }, digits: 1 },
        { name: 'memory grown in them, MB', sync: warm.grownMb, bound: { atMost: 15 }, digits: 1 },
        { name: 'memory after the last, MB', sync: warm.memoryMb },
        { name: 'sockets and files more than then', sync: warm.moreFiles, bound: { atMost: 0 } },
        { name: 'timers more than then', sync: warm.moreTimers, bound: { atMost: 0 } },
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function bundleClients(folder: string): string {
  const contents = `
    import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
    import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
    export const handler = () => [GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client, GetSecretValueCommand, SecretsManagerClient];`;
  const outfile = join(folder, 'clients.mjs');
  buildSync({
    stdin: { contents, resolveDir: import.meta.dirname },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
  });
  return outfile;
}

function importOnce(file: string): number {
  const url = JSON.stringify(pathToFileURL(file).href);
  const program = `const begun = performance.now(); await import(${url}); process.stdout.write(String(performance.now() - begun)); process.exit();`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }));
}

type WarmFindings = {
  readonly liveGrownMb: number;
  readonly grownMb: number;
  readonly memoryMb: number;
  readonly moreFiles: number;
  readonly moreTimers: number;
};

/** What one execution environment holds between two invocations. */
type Look = { readonly liveMb: number; readonly memoryMb: number; readonly files: number; readonly timers: number };

async function invokeWarm(bundle: string): Promise<WarmFindings> {
  const launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { demo: 2 } }), keepRequestLog: false });
  const s3 = await startS3({ buckets: ['warehouse'] });
  const secrets = await startSecretsManager({ secrets: { token: launchDarkly.token } });
  const lambda = await startLambda(bundle, {
    ...s3.environment,
    ...secrets.environment,
    LAUNCHDARKLY_BASE_URL: launchDarkly.url,
    OUTPUT_URI: 's3://warehouse/out',
    ACCESS_TOKEN_SECRET_ID: 'token',
    MAX_REQUESTS_PER_SECOND: '1000',
  });
  try {
    const targets = launchDarkly.world.keys('demo').map((metricGroupKey) => ({ projectKey: 'demo', metricGroupKey }));
    const newestMs = Math.floor(Date.now() / 1000) * 1000;
    let before: Look = { liveMb: 0, memoryMb: 0, files: 0, timers: 0 };
    for (let count = 1; count <= warmUp + invocations; count++) {
      const scheduledTime = new Date(newestMs - count * 1000).toISOString();
      const end = await lambda.invoke({ scheduledTime, targets });
      if (end.kind !== 'response') throw new Error(`invocation ${count}: ${JSON.stringify(end)}`);
      if (count === warmUp) before = await lookAt(lambda);
    }
    const after = await lookAt(lambda);
    return {
      liveGrownMb: after.liveMb - before.liveMb,
      grownMb: after.memoryMb - before.memoryMb,
      memoryMb: after.memoryMb,
      moreFiles: after.files - before.files,
      moreTimers: after.timers - before.timers,
    };
  } finally {
    await Promise.all([lambda.close(), launchDarkly.close(), s3.close(), secrets.close()]);
  }
}

async function lookAt(lambda: LambdaProcess): Promise<Look> {
  const status = readFileSync(`/proc/${lambda.pid}/status`, 'utf8');
  const memoryMb = (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6;
  const said = lambda.logs().length;
  process.kill(lambda.pid, 'SIGUSR2');
  let line: string | undefined;
  while (line === undefined) {
    await setTimeout(50);
    line = /^left (.*)\n/m.exec(lambda.logs().slice(said))?.[1];
  }
  const { liveBytes, resources } = JSON.parse(line) as { liveBytes: number; resources: string[] };
  const timers = resources.filter((name) => name === 'Timeout').length;
  return { liveMb: liveBytes / 1e6, memoryMb, files: readdirSync(`/proc/${lambda.pid}/fd`).length, timers };
}
