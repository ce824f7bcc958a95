import { execFile } from 'node:child_process';

/** Where and as whom a program runs; the environment is complete, nothing is taken over from this process. */
export type CommandOptions = {
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Ends the program. */
  readonly interrupt: AbortSignal;
};

/** Runs a program to its end and returns what it printed; throws with the end of that when it fails. */
export function runCommand(program: string, args: readonly string[], { environment, cwd, interrupt }: CommandOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env: environment, cwd, signal: interrupt, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-25).join('\n');
      reject(new Error(`${[program, ...args].join(' ').slice(0, 300)}\n${said || error.message}`, { cause: error }));
    });
  });
}
