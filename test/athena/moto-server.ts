import { join } from 'node:path';
import { findFreePort, type ServerProcess, startServerProcess } from '../engines/server-process.ts';

/** A running moto, for its Glue. */
export type MotoServer = ServerProcess & {
  readonly url: string;
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
  // moto verifies no signature, and finds the service in it.
  const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/glue/aws4_request, SignedHeaders=host, Signature=none';
  return {
    ...server,
    url,
    callGlue: async (action, input) => {
      const headers = {
        Authorization: authorization,
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `AWSGlue.${action}`,
      };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
      const text = await response.text();
      if (!response.ok) throw new Error(`Glue answered ${response.status}: ${text}\n${server.log().split('\n').slice(-25).join('\n')}`);
      return text === '' ? {} : JSON.parse(text);
    },
  };
}
