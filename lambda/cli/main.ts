import packageJson from '../../package.json' with { type: 'json' };
import { describeError, SyncError } from '../errors.ts';
import { safeText } from '../safe-text.ts';
import type { CommandContext, Host } from './command-context.ts';
import { exitCodeOfError, exitCodeOfSignal } from './exit-codes.ts';
import { type Invocation, parseCommandLine } from './program.ts';

/** Runs one command; the exit code is the contract's. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  const { env: environment, stdout, stderr } = host;
  const outcome = watchStreams(host);
  const { version } = packageJson;
  const invocation = parseCommandLine(args, version, host);
  if ('exitCode' in invocation) return invocation.exitCode;
  const interrupted = listenForSignals(host);
  let token = environment['LAUNCHDARKLY_ACCESS_TOKEN']?.trim() ?? '';
  const context: CommandContext = {
    environment,
    stdout,
    stderr,
    version,
    userAgent: `metric-group-sync/${version}`,
    interrupt: interrupted.signal,
    noteToken: (noted) => {
      token = noted;
    },
    withoutToken: (text) => (token === '' ? text : text.replaceAll(token, '[access token]')),
  };
  try {
    const exitCode = await runCommand(invocation, context);
    return (await outcome()) ?? exitCode;
  } catch (error) {
    const message =
      error instanceof SyncError ? error.message : `unexpected error: ${error instanceof Error ? error.stack : String(error)}`;
    for (const line of context.withoutToken(message).split('\n')) stderr.write(`${safeText(line, 2000)}\n`);
    return exitCodeOfError(error, interrupted.by());
  }
}

/** A reader that goes away (`| head`) is no reason to leave work half done; results that cannot be written are a failure. */
function watchStreams({ stdout, stderr }: Host): () => Promise<number | undefined> {
  let failed: NodeJS.ErrnoException | undefined;
  stderr.on('error', () => {});
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') failed ??= error;
  });
  return async () => {
    await new Promise<void>((resolve) => stdout.write('', () => resolve()));
    if (failed === undefined) return undefined;
    stderr.write(`the result cannot be written to stdout (${describeError(failed)}): free some room, or write it elsewhere\n`);
    return 1;
  };
}

async function runCommand(invocation: Invocation, context: CommandContext): Promise<number> {
  if (invocation.command === 'sync') return (await import('./run-sync.ts')).runSync(invocation, context);
  if (invocation.command === 'plan') return (await import('./run-plan.ts')).runPlan(invocation, context);
  if (invocation.command === 'extract') return (await import('./run-extract.ts')).runExtract(invocation, context);
  if (invocation.command === 'publish') return (await import('./run-publish.ts')).runPublish(invocation, context);
  if (invocation.command === 'check') return (await import('./run-check.ts')).runCheck(invocation, context);
  if (invocation.command === 'rebuild') return (await import('./run-rebuild.ts')).runRebuild(invocation, context);
  if (invocation.command === 'query') return (await import('./run-query.ts')).runQuery(invocation, context);
  return (await import('./run-discover.ts')).runDiscover(invocation, context);
}

/** The first signal ends the run in order; a second one ends it at once, which loses what is not yet written and nothing else. */
function listenForSignals(host: Host): { readonly signal: AbortSignal; by(): NodeJS.Signals | undefined } {
  const interrupt = new AbortController();
  let got: NodeJS.Signals | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    host.on(signal, () => {
      if (got !== undefined) host.exit(exitCodeOfSignal(signal));
      got = signal;
      interrupt.abort(new SyncError('interrupted', `stopped by ${signal}`));
    });
  }
  return { signal: interrupt.signal, by: () => got };
}
