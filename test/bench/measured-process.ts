import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type ResourcesUsed, resourcesFileVariable } from './measure.ts';

/** One run of a program, from its spawning to its end. */
export type MeasuredRun = ResourcesUsed & {
  readonly wallMs: number;
  /** Unix ms at which it was spawned, by the clock that every process of the machine shares. */
  readonly spawnedAtMs: number;
  readonly stdout: string;
};

const preload = new URL('./measure.ts', import.meta.url).href;

/**
 * Runs a program of ours in a process of its own, without settings that happen to be in the environment.
 * @param resourcesFile Where the process leaves its figures; undefined: it runs exactly as users start it, and they are not a number.
 * @throws Error with what it said where it fails
 */
export async function runMeasured(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  resourcesFile?: string,
): Promise<MeasuredRun> {
  const { PATH = '', HOME = '', NODE_OPTIONS = '' } = process.env;
  const measuring = resourcesFile === undefined ? {} : { [resourcesFileVariable]: resourcesFile };
  const spawnedAtMs = Date.now();
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...(resourcesFile === undefined ? [] : [`--import=${preload}`]), ...args], {
    env: { PATH, HOME, NODE_OPTIONS, ...environment, ...measuring },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await closed;
  const wallMs = performance.now() - startedMs;
  if (exitCode !== 0) throw new Error(`node ${args.join(' ')} ended with ${exitCode}:\n${stderr}`);
  const used: ResourcesUsed =
    resourcesFile === undefined ? { cpuMs: Number.NaN, peakBytes: Number.NaN } : JSON.parse(await readFile(resourcesFile, 'utf8'));
  return { ...used, wallMs, spawnedAtMs, stdout };
}
