import { hash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type CommandOptions, runCommand } from './run-command.ts';

const pythons = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const suits = 'import sys, venv; assert sys.version_info >= (3, 10); print(sys.version)';

/** Where the programs of a test are kept from run to run: not in node_modules, which `npm ci` empties. */
export const cacheFolder = (test: string): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'metric-group-sync', test);

/**
 * Installs Python packages into an environment in a folder, unless these are there, and returns the folder of their programs.
 * @throws Error where there is no Python from 3.10 on, or no registry
 */
export async function installPythonPrograms(folder: string, packages: readonly string[], options: CommandOptions): Promise<string> {
  const python = await findPython(options);
  // One for each Python and set of packages: another Python on the PATH must not pull the first one's from under a test that runs.
  const name = hash('sha256', [python.version, ...packages].join('\n')).slice(0, 12);
  const environment = join(folder, `venv-${name}`);
  const marker = join(environment, 'complete');
  if (!existsSync(marker)) {
    rmSync(environment, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await runCommand(python.program, ['-m', 'venv', environment], options);
    await runCommand(join(environment, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], options);
    writeFileSync(marker, '');
  }
  return join(environment, 'bin');
}

async function findPython(options: CommandOptions): Promise<{ program: string; version: string }> {
  for (const program of pythons) {
    try {
      return { program, version: await runCommand(program, ['-c', suits], options) };
    } catch {
      // Missing, or too old: the next.
    }
  }
  throw new Error(`this needs a Python from 3.10 on with venv; none of ${pythons.join(', ')} is one`);
}
