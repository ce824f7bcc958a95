import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** The account and the region that everything is deployed to. */
export const accountId = '111122223333';
export const region = 'eu-central-1';

/** A running MiniStack. */
export type MiniStack = {
  /** Variables that lead AWS SDKs, the AWS CLI and CDK to it, with the keys of the account's root user. */
  readonly environment: Readonly<Record<string, string>>;
  /** Everything it wrote so far. */
  log(): string;
  /** Ends it and all that it started. */
  close(): Promise<void>;
};

/**
 * Starts MiniStack on a free port of 127.0.0.1, with IAM enforced, and waits until it listens.
 * It speaks HTTPS: buckets that refuse plain HTTP, CDK's bootstrap bucket and the warehouse's, refuse it here too.
 */
export async function startMiniStack(path: string, folder: string): Promise<MiniStack> {
  const port = await findFreePort();
  mkdirSync(folder, { recursive: true });
  const child = spawn('ministack', [], {
    cwd: folder,
    // A group of its own, with the processes that functions run in.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: path,
      HOME: folder,
      TMPDIR: folder,
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      USE_SSL: '1',
      AUTH: 'true',
      MINISTACK_ACCOUNT_ID: accountId,
      MINISTACK_REGION: region,
      AWS_ACCESS_KEY_ID: rootKey.AWS_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: rootKey.AWS_SECRET_ACCESS_KEY,
      // Lambda's minutes between the retries of a failed event.
      LAMBDA_ASYNC_RETRY_BASE_SECONDS: '0.1',
    },
  });
  const { log, close } = watch(child);
  try {
    await waitForLine(child, log, `Running on https://127.0.0.1:${port}`);
  } catch (error) {
    await close();
    throw error;
  }
  const certificate = join(folder, 'ministack-tls/server.crt');
  return {
    log,
    close,
    environment: {
      PATH: path,
      // CDK keeps the account of each access key in its home: a developer's own must neither be read nor written.
      HOME: folder,
      CDK_HOME: folder,
      TMPDIR: folder,
      CI: 'true',
      ...rootKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ENDPOINT_URL: `https://127.0.0.1:${port}`,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      AWS_CA_BUNDLE: certificate,
      NODE_EXTRA_CA_CERTS: certificate,
    },
  };
}

const rootKey = { AWS_ACCESS_KEY_ID: 'AKIAMINISTACKROOT000', AWS_SECRET_ACCESS_KEY: 'the/root+key' };

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

type Child = ReturnType<typeof spawn>;

function watch(child: Child): Pick<MiniStack, 'log' | 'close'> {
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      log += String(chunk);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  const signalGroup = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  return {
    log: () => log,
    close: async () => {
      signalGroup('SIGTERM');
      const timer = setTimeout(() => signalGroup('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
      // Whatever outlived its parent.
      signalGroup('SIGKILL');
    },
  };
}

/** Waits for a line of the log; fails when the program ends without it, or a minute has passed. */
async function waitForLine(child: Child, log: () => string, line: string): Promise<void> {
  const abort = new AbortController();
  const failed = Promise.race([once(child, 'error', abort), once(child, 'close', abort)]).then(() => {
    throw new Error(`MiniStack did not start:\n${log()}`);
  });
  failed.catch(() => {});
  const deadline = AbortSignal.timeout(60_000);
  while (!log().includes(line)) {
    deadline.throwIfAborted();
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  abort.abort();
}
