import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { settingDeclarations } from '../../lambda/contract/settings.ts';

const cli = fileURLToPath(new URL('../../lambda/cli.ts', import.meta.url));

/** The demo ends early; `exitCode` is that of the command that failed. */
export class DemoStopped extends Error {
  override readonly name = 'DemoStopped';
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs the real `sync` command, its output passed through to the terminal.
 * @param signals Passes on the signals that the demo gets; returns how to stop listening.
 * @throws DemoStopped where nothing was published
 */
export async function runSync(options: {
  readonly flags: readonly string[];
  readonly token: string;
  readonly signals: (pass: (signal: NodeJS.Signals) => void) => () => void;
}): Promise<void> {
  const child = spawn(process.execPath, [cli, 'sync', ...options.flags], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environmentWith(options.token),
    // Ctrl-C reaches a whole process group. In a group of its own the command gets it once, from here: twice would mean "at once".
    detached: process.platform !== 'win32',
  });
  const stopListening = options.signals((signal) => child.kill(signal));
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...ended) => resolve(ended));
    });
    if (code === null) throw new DemoStopped(`sync was ended by ${signal}`, 1);
    if (code !== published.complete && code !== published.partial) throw new DemoStopped(`sync ended with exit code ${code}`, code);
  } finally {
    stopListening();
  }
}

const published = { complete: 0, partial: 3 };

/** Settings of a real deployment, and above all its token, have no part in the demo. */
function environmentWith(token: string): NodeJS.ProcessEnv {
  const settings = new Set<string>(Object.values(settingDeclarations).map(({ variable }) => variable));
  const others = Object.entries(process.env).filter(([name]) => !settings.has(name));
  return { ...Object.fromEntries(others), [settingDeclarations.accessToken.variable]: token };
}
