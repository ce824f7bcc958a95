import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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
};

/** Node keeps compiled modules here, which halves the time of a run. */
export const compileCache = fileURLToPath(new URL('../../node_modules/.cache/end-to-end', import.meta.url));
const cli = fileURLToPath(new URL('../../lambda/cli.ts', import.meta.url));

/** Starts the real command line as a process of its own. */
export function startCli(args: readonly string[], options: CliOptions): RunningCli {
  const { folder, environment = {}, nodeArguments = [] } = options;
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
