import { main } from '../../lambda/cli/main.ts';
import { createMemoryHost } from '../cli/memory-host.ts';
import type { CliResult } from './run-cli.ts';

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
