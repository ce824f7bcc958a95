import { delimiter, dirname, join } from 'node:path';
import { cacheFolder, installPythonPrograms } from '../engines/python-programs.ts';
import { type CommandOptions, runCommand } from '../engines/run-command.ts';

/** The Python programs of this test, in the versions that were tried. */
const packages = ['ministack==1.5.33', 'cfn-lint==1.58.0', 'awscli==1.46.3'];

/**
 * Installs the Python programs, unless they are there, and returns the PATH that finds them, this Node and the programs of node_modules.
 * @throws Error where there is no Python from 3.10 on, no openssl (MiniStack makes its certificate with it), or no registry
 */
export async function installTools(root: string, interrupt: AbortSignal): Promise<string> {
  // The registry's settings, a proxy's and such, are the machine's own.
  const options: CommandOptions = { environment: process.env as Record<string, string>, cwd: root, interrupt };
  await runCommand('openssl', ['version'], options);
  const programs = await installPythonPrograms(cacheFolder('deploy-test'), packages, options);
  // MiniStack starts the function with the `node` of the PATH: it must be the one of the tests.
  return [dirname(process.execPath), programs, join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
}
