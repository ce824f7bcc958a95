import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RequestStats } from '../launchdarkly/request-stats.ts';

/** The simulated LaunchDarkly in a process of its own, so that its CPU is not counted as ours. */
export type LaunchDarklyProcess = {
  readonly url: string;
  readonly token: string;
  stats(): Promise<RequestStats>;
  stop(): Promise<void>;
};

const program = fileURLToPath(new URL('../launchdarkly/serve.ts', import.meta.url));

/** The project that holds all groups of the simulation. */
export const projectKey = 'demo';

/** Starts the simulation with the flags of `test/launchdarkly/serve.ts`. @throws Error where it ends before it listens */
export async function startLaunchDarklyProcess(...flags: readonly string[]): Promise<LaunchDarklyProcess> {
  const child = spawn(process.execPath, [program, '--project', projectKey, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as [unknown];
  if (typeof line !== 'string') throw new Error(`the simulated server ended with ${line}`);
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  return {
    url,
    token,
    stats: async () => (await (await fetch(`${url}/__stats`)).json()) as RequestStats,
    stop: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
