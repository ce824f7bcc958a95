import { Writable } from 'node:stream';
import type { Host } from '../../lambda/cli/command-context.ts';
import type { Environment } from '../../lambda/contract/read-settings.ts';

/** Stands for the process of a command line: no signal reaches it, and what it is told is kept. */
export type MemoryHost = Host & { readonly written: { stdout: string; stderr: string } };

/** Makes a host with nothing but these variables in its environment. */
export function createMemoryHost(env: Environment = {}): MemoryHost {
  const written = { stdout: '', stderr: '' };
  const streamTo = (name: keyof typeof written): Writable =>
    new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, done) => {
        written[name] += text;
        done();
      },
    });
  return { env, stdout: streamTo('stdout'), stderr: streamTo('stderr'), on: () => {}, exit: () => {}, written };
}
