import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, type ServerProcess, startServerProcess } from '../engines/server-process.ts';

/** The account and the region that everything is deployed to. */
export const accountId = '111122223333';
export const region = 'eu-central-1';

/** A running MiniStack. */
export type MiniStack = ServerProcess & {
  /** Variables that lead AWS SDKs, the AWS CLI and CDK to it, with the keys of the account's root user. */
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * Starts MiniStack on a free port of 127.0.0.1, with IAM enforced, and waits until it listens.
 * It speaks HTTPS: buckets that refuse plain HTTP, CDK's bootstrap bucket and the warehouse's, refuse it here too.
 */
export async function startMiniStack(path: string, folder: string): Promise<MiniStack> {
  const port = await findFreePort();
  mkdirSync(folder, { recursive: true });
  const server = await startServerProcess({
    program: 'ministack',
    cwd: folder,
    readyText: `Running on https://127.0.0.1:${port}`,
    startMs: 60_000,
    environment: {
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
  const certificate = join(folder, 'ministack-tls/server.crt');
  return {
    ...server,
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
