import { join } from 'node:path';
import { findFreePort, type ServerProcess, startServerProcess } from '../engines/server-process.ts';

/** A running moto: Glue and S3 in memory. */
export type MotoServer = ServerProcess & {
  readonly url: string;
  /** The variables that lead the product's S3 client to it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Creates a bucket. */
  createBucket(name: string): Promise<void>;
  /** Calls Glue's API. @throws Error with Glue's message */
  callGlue(action: string, input: unknown): Promise<unknown>;
};

/** Starts moto on a free port of 127.0.0.1. @param programs The folder of its program. */
export async function startMoto(programs: string, folder: string): Promise<MotoServer> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startServerProcess({
    program: join(programs, 'moto_server'),
    args: ['-H', '127.0.0.1', '-p', String(port)],
    cwd: folder,
    environment: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder },
    readyText: `Running on ${url}`,
    startMs: 60_000,
  });
  const ask = async (path: string, request: RequestInit, service: string): Promise<string> => {
    const scope = `AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=none`;
    const response = await fetch(`${url}${path}`, { ...request, headers: { ...request.headers, Authorization: scope } });
    const text = await response.text();
    if (!response.ok) throw new Error(`moto answered ${response.status}: ${text}`);
    return text;
  };
  return {
    ...server,
    url,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    createBucket: async (name) => {
      const location = '<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>';
      await ask(`/${name}`, { method: 'PUT', body: location }, 's3');
    },
    callGlue: async (action, input) => {
      const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `AWSGlue.${action}` };
      const text = await ask('/', { method: 'POST', headers, body: JSON.stringify(input) }, 'glue');
      return text === '' ? {} : JSON.parse(text);
    },
  };
}
