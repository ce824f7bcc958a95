import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

/** How an invocation ended, as AWS sees it. */
export type InvocationEnd =
  | { readonly kind: 'response'; readonly value: Record<string, unknown> }
  | { readonly kind: 'error'; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: 'timed out' }
  | { readonly kind: 'exited'; readonly exitCode: number | null };

/** One execution environment: the bundle in AWS's own runtime client, cold at the first invocation and warm after it. */
export type LambdaProcess = {
  /** Hands over an event and waits for its end; after `timeoutMs` the environment is killed, as Lambda does. */
  invoke(event: unknown, timeoutMs?: number): Promise<InvocationEnd>;
  /** Everything written to stdout and stderr so far. */
  logs(): string;
  readonly pid: number;
  close(): Promise<void>;
};

/** Starts an execution environment for `handler` of the module `index.mjs` in a folder. */
export async function startLambda(folder: string, environment: Record<string, string>): Promise<LambdaProcess> {
  let waitingForWork: ServerResponse | undefined;
  let current: { id: string; body: string; deadlineMs: number; end: (end: InvocationEnd) => void } | undefined;
  let handedOver: string | undefined;
  let logs = '';

  const hand = (): void => {
    if (waitingForWork === undefined || current === undefined || handedOver === current.id) return;
    handedOver = current.id;
    waitingForWork.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': current.id,
      'Lambda-Runtime-Deadline-Ms': String(current.deadlineMs),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:123456789012:function:metric-group-sync',
      'Lambda-Runtime-Trace-Id': 'Root=1-5e1b4151-5ac6c58f5b0d2b6d7f5e1b41',
    });
    waitingForWork.end(current.body);
    waitingForWork = undefined;
  };

  const server = createServer(async (request, response) => {
    if (request.url?.endsWith('/next')) {
      waitingForWork = response;
      hand();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.writeHead(202).end('{}');
    const text = Buffer.concat(chunks).toString('utf8');
    const end = current?.end;
    current = undefined;
    if (request.url?.endsWith('/response')) end?.({ kind: 'response', value: JSON.parse(text) });
    else {
      const { errorType, errorMessage } = JSON.parse(text);
      end?.({ kind: 'error', errorType, errorMessage });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const root = resolve(import.meta.dirname, '../..');
  const child: ChildProcess = spawn(
    process.execPath,
    ['-r', resolve(import.meta.dirname, 'rapid-client.cjs'), resolve(root, 'node_modules/aws-lambda-ric/index.mjs'), 'index.handler'],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
        LAMBDA_TASK_ROOT: folder,
        _HANDLER: 'index.handler',
        AWS_LAMBDA_LOG_FORMAT: 'JSON',
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_LAMBDA_FUNCTION_NAME: 'metric-group-sync',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/metric-group-sync',
        AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/23/[$LATEST]',
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        TZ: ':UTC',
        ...environment,
      },
    },
  );
  child.stdout?.on('data', (chunk) => {
    logs += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    logs += String(chunk);
  });
  const exited = once(child, 'exit').then(([exitCode]) => {
    current?.end({ kind: 'exited', exitCode: exitCode as number | null });
    current = undefined;
  });

  return {
    pid: child.pid ?? 0,
    logs: () => logs,
    invoke: (event, timeoutMs = 30_000) =>
      new Promise((end) => {
        const timer = setTimeout(() => {
          current = undefined;
          child.kill('SIGKILL');
          end({ kind: 'timed out' });
        }, timeoutMs);
        current = {
          id: randomUUID(),
          body: JSON.stringify(event),
          deadlineMs: Date.now() + timeoutMs,
          end: (result) => {
            clearTimeout(timer);
            // What was logged before is in the pipe already: it is read first.
            setImmediate(() => setImmediate(() => end(result)));
          },
        };
        hand();
      }),
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
