import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { main } from '../../lambda/cli/main.ts';
import { createMemoryHost } from '../cli/memory-host.ts';

/** How a child process of the command line ended. */
export type CliResult = {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A command line that runs. */
export type RunningCli = {
  readonly ended: Promise<CliResult>;
  /** What it has written to stderr so far. */
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
};

/** Where and how the command line runs; nothing of this process's environment reaches it but `PATH`. */
export type CliOptions = {
  /** Working directory and home, so that no profile of the machine counts and no stray file is overlooked. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeArguments?: readonly string[];
  /** User and group to run as, for which this process must be root. */
  readonly userId?: number;
};

/** Node keeps compiled modules here, which halves the time of a run. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/end-to-end', import.meta.url));
const cli = fileURLToPath(new URL('../../lambda/cli.ts', import.meta.url));

/** Starts the real command line as a process of its own. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const { folder, environment = {}, nodeArguments = [], userId } = options;
  const child = spawn(process.execPath, [...nodeArguments, cli, ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      NODE_COMPILE_CACHE: compileCache,
      AWS_EC2_METADATA_DISABLED: 'true',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(userId === undefined ? {} : { uid: userId, gid: userId }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
    }),
    stderr: () => stderr,
    kill: (signal) => child.kill(signal),
  };
}

/** Runs the real command line to its end. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).ended;
}

/** Runs the real command line within this process; the working directory is this process's. */
export async function runInProcess(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<CliResult> {
  const run = async (): Promise<CliResult> => {
    const host = createMemoryHost(environment);
    const exitCode = await main(args, host);
    return { exitCode, ...host.written };
  };
  return Object.keys(environment).some(isOfAws) ? withAwsEnvironment(environment, run) : run();
}

const isOfAws = (name: string): boolean => name.startsWith('AWS_');
let last: Promise<unknown> = Promise.resolve();

/** The AWS SDK reads the environment of the process itself: what needs one there runs one after the other, and sees no other's and no profile. */
function withAwsEnvironment<T>(environment: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T> {
  const turn = last.then(async () => {
    const before = Object.entries(process.env).filter(([name]) => isOfAws(name));
    const none = { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    replaceAwsVariables([...Object.entries(none), ...Object.entries(environment).filter(([name]) => isOfAws(name))]);
    try {
      return await run();
    } finally {
      replaceAwsVariables(before);
    }
  });
  last = turn.catch(() => {});
  return turn;
}

function replaceAwsVariables(variables: readonly (readonly [string, string | undefined])[]): void {
  for (const name of Object.keys(process.env).filter(isOfAws)) delete process.env[name];
  for (const [name, value] of variables) process.env[name] = value;
}
