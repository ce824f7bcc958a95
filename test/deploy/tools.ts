import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type CommandOptions, runCommand } from './run-command.ts';

/** The Python programs of this test, in the versions that were tried. */
const packages = ['ministack==1.5.33', 'cfn-lint==1.58.0', 'awscli==1.46.3'];

const pythons = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const suits = 'import sys, venv; assert sys.version_info >= (3, 10); print(sys.version)';

/** Where the programs are kept from run to run: not in node_modules, which `npm ci` empties. */
const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'metric-group-sync', 'deploy-test');

/**
 * Installs the Python programs, unless they are there, and returns the PATH that finds them, this Node and the programs of node_modules.
 * @throws Error where there is no Python from 3.10 on, no openssl (MiniStack makes its certificate with it), or no registry
 */
export async function installTools(root: string, interrupt: AbortSignal): Promise<string> {
  // The registry's settings, a proxy's and such, are the machine's own.
  const options: CommandOptions = { environment: process.env as Record<string, string>, cwd: root, interrupt };
  await runCommand('openssl', ['version'], options);
  const python = await findPython(options);
  const environment = join(cache, 'venv');
  const marker = join(cache, 'installed');
  const wanted = [python.version, ...packages].join('\n');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted) {
    rmSync(cache, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    await runCommand(python.program, ['-m', 'venv', environment], options);
    await runCommand(join(environment, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], options);
    writeFileSync(marker, wanted);
  }
  // MiniStack starts the function with the `node` of the PATH: it must be the one of the tests.
  return [dirname(process.execPath), join(environment, 'bin'), join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
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
