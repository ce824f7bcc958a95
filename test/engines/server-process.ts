import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** A server of another maker, in a process group of its own. */
export type ServerProcess = {
  /** Everything it wrote so far, to either stream. */
  log(): string;
  /** Ends it and all that it started. */
  close(): Promise<void>;
};

/** How a server is started; the environment is complete, nothing is taken over from this process. */
export type ServerOptions = {
  readonly program: string;
  readonly args?: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What it writes once it listens. */
  readonly readyText: string;
  /** How long that may take. */
  readonly startMs: number;
};

/** Starts a server and waits until it says that it listens. @throws Error with its last lines where it does not */
export async function startServerProcess({
  program,
  args = [],
  cwd,
  environment,
  readyText,
  startMs,
}: ServerOptions): Promise<ServerProcess> {
  const child = spawn(program, args, { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  const server = watch(child);
  try {
    await waitForText(child, server.log, readyText, startMs);
  } catch (error) {
    await server.close();
    throw new Error(`${program} did not start\n${server.log().split('\n').slice(-25).join('\n')}`, { cause: error });
  }
  return server;
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

type Child = ReturnType<typeof spawn>;

function watch(child: Child): ServerProcess {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(String(chunk)));
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
    log: () => chunks.join(''),
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

/** Fails when the program ends without the text, or the time has passed. */
async function waitForText(child: Child, log: () => string, text: string, startMs: number): Promise<void> {
  const abort = new AbortController();
  const failed = Promise.race([once(child, 'error', abort), once(child, 'close', abort)]).then(() => {
    throw new Error('it ended');
  });
  failed.catch(() => {});
  const deadline = AbortSignal.timeout(startMs);
  while (!log().includes(text)) {
    deadline.throwIfAborted();
    await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  abort.abort();
}
