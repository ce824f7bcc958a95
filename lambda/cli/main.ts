import packageJson from '../../package.json' with { type: 'json' };
import { SyncError } from '../errors.ts';
import { safeText } from '../safe-text.ts';
import type { CommandContext } from './command-context.ts';
import { exitCodeOfError, exitCodeOfSignal } from './exit-codes.ts';
import { type Invocation, parseCommandLine } from './program.ts';

/** Runs one command; the exit code is the contract's. */
export async function main(args: readonly string[]): Promise<number> {
  // A reader that goes away (`| head`) is no reason to leave work half done.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const { version } = packageJson;
  const invocation = parseCommandLine(args, version);
  if ('exitCode' in invocation) return invocation.exitCode;
  const interrupted = listenForSignals();
  const environment = process.env;
  let token = environment['LAUNCHDARKLY_ACCESS_TOKEN']?.trim() ?? '';
  const context: CommandContext = {
    environment,
    version,
    userAgent: `metric-group-sync/${version}`,
    interrupt: interrupted.signal,
    noteToken: (noted) => {
      token = noted;
    },
    withoutToken: (text) => (token === '' ? text : text.replaceAll(token, '[access token]')),
  };
  try {
    return await runCommand(invocation, context);
  } catch (error) {
    const message =
      error instanceof SyncError ? error.message : `unexpected error: ${error instanceof Error ? error.stack : String(error)}`;
    for (const line of context.withoutToken(message).split('\n')) process.stderr.write(`${safeText(line, 2000)}\n`);
    return exitCodeOfError(error, interrupted.by());
  }
}

async function runCommand(invocation: Invocation, context: CommandContext): Promise<number> {
  if (invocation.command === 'sync') return (await import('./run-sync.ts')).runSync(invocation, context);
  if (invocation.command === 'check') return (await import('./run-check.ts')).runCheck(invocation, context);
  return (await import('./run-discover.ts')).runDiscover(invocation, context);
}

/** The first signal ends the run in order; a second one ends it at once, which loses what is not yet written and nothing else. */
function listenForSignals(): { readonly signal: AbortSignal; by(): NodeJS.Signals | undefined } {
  const interrupt = new AbortController();
  let got: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (got !== undefined) process.exit(exitCodeOfSignal(signal));
      got = signal;
      interrupt.abort(new SyncError('interrupted', `stopped by ${signal}`));
    });
  }
  return { signal: interrupt.signal, by: () => got };
}
