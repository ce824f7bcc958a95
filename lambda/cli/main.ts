import { randomUUID } from 'node:crypto';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../clock.ts';
import { parseInstant } from '../contract/instants.ts';
import { snapshotAt } from '../contract/objects.ts';
import type { Target } from '../contract/raw.ts';
import { readLocation, readSettings } from '../contract/read-settings.ts';
import type { SettingName, Settings } from '../contract/settings.ts';
import { everyGroup, isKey, validateTargets } from '../contract/targets.ts';
import { configurationError, SyncError } from '../errors.ts';
import type { LaunchDarklyClient, LaunchDarklyOptions } from '../extract/launchdarkly-client.ts';
import { openOutput } from '../output/open-output.ts';
import { readSecretToken } from '../read-secret-token.ts';
import { readTargets } from '../read-targets.ts';
import { createRunLimits } from '../run-limits.ts';
import { safeText } from '../safe-text.ts';
import { boundHeap } from './bound-heap.ts';
import { describeFailures, describeInstant, describeSummary } from './describe.ts';
import { exitCodeOfError, exitCodeOfSignal, exitCodeOfStatus } from './exit-codes.ts';
import { type Invocation, parseCommandLine } from './program.ts';
import { createReporter } from './reporter.ts';

const environment = process.env;
const userAgent = `metric-group-sync/${packageJson.version}`;
const interrupt = new AbortController();
let signalGot: NodeJS.Signals | undefined;
let knownToken = environment['LAUNCHDARKLY_ACCESS_TOKEN']?.trim() ?? '';

/** Runs one command; the exit code is the contract's. */
export async function main(args: readonly string[]): Promise<number> {
  // A reader that goes away (`| head`) is no reason to leave work half done.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const invocation = parseCommandLine(args, packageJson.version);
  if ('exitCode' in invocation) return invocation.exitCode;
  listenForSignals();
  try {
    if (invocation.command === 'sync') return await sync(invocation);
    return invocation.command === 'check' ? await check(invocation) : await discover(invocation);
  } catch (error) {
    const message =
      error instanceof SyncError ? error.message : `unexpected error: ${error instanceof Error ? error.stack : String(error)}`;
    for (const line of withoutToken(message).split('\n')) process.stderr.write(`${safeText(line, 2000)}\n`);
    return exitCodeOfError(error, signalGot);
  }
}

async function sync(invocation: Invocation): Promise<number> {
  const { settings, targets, atMs } = await readConfiguration(invocation, [
    'outputUri',
    ...(invocation.only.length > 0 ? [] : (['targetsUri'] as const)),
    'accessToken',
  ]);
  const snapshot = snapshotAt(atMs);
  const output = await openOutput(settings.outputUri ?? '', environment);
  const reporter = await createReporter(process.stderr, systemClock);
  try {
    const { syncMetricGroups } = await import('../sync.ts');
    reporter.say(`Snapshot ${snapshot.id}`);
    boundHeap();
    const { row, alreadyPublished } = await syncMetricGroups({
      snapshot,
      scope: invocation.only.length > 0 ? 'subset' : 'full',
      targets,
      output,
      launchDarkly: await launchDarklyOptions(settings),
      maxRunMs: settings.maxRunSeconds === undefined ? undefined : settings.maxRunSeconds * 1000,
      maxFailedPercent: settings.maxFailedPercent,
      maxShrinkPercent: settings.maxShrinkPercent,
      maintainerDetails: settings.maintainerDetails,
      runId: randomUUID(),
      codeVersion: packageJson.version,
      userAgent,
      clock: systemClock,
      random: Math.random,
      interrupt: interrupt.signal,
      onEvent: reporter.onEvent,
    });
    reporter.close();
    const json = alreadyPublished ? { ...row, alreadyPublished } : row;
    const summary = { row, alreadyPublished, asked: reporter.asked(), failures: reporter.failures(), outputUri: settings.outputUri ?? '' };
    process.stdout.write(invocation.isJson ? `${JSON.stringify(json)}\n` : `${describeSummary(summary)}\n`);
    return exitCodeOfStatus(row.status);
  } catch (error) {
    reporter.close();
    for (const line of describeFailures(reporter.failures())) reporter.say(withoutToken(line));
    throw goesOn(error) ? new SyncError(error.kind, `${error.message}\n${howToGoOn(snapshot.atMs)}`, { cause: error }) : error;
  } finally {
    output.close();
  }
}

/** Whatever stopped a run, what was answered is kept in its snapshot: only settings and targets are another matter. */
function goesOn(error: unknown): error is SyncError {
  return error instanceof SyncError && error.kind !== 'configuration' && error.kind !== 'unreadable';
}

function howToGoOn(atMs: number): string {
  return `To go on with this snapshot, run the same command with --snapshot-time ${describeInstant(atMs)} (within 24 hours)`;
}

async function check(invocation: Invocation): Promise<number> {
  const { settings, targets } = await readConfiguration(invocation, ['targetsUri', 'outputUri', 'accessToken']);
  const output = await openOutput(settings.outputUri ?? '', environment);
  const { checkAccess } = await import('../check.ts');
  const { targets: checked, problems } = await withClient(settings, (client, signal) =>
    checkAccess({
      targets,
      output,
      client,
      maintainerDetails: settings.maintainerDetails,
      workers: settings.maxConcurrentRequests * 4,
      clock: systemClock,
      signal,
    }),
  ).finally(() => output.close());
  for (const problem of problems) process.stderr.write(`${safeText(withoutToken(problem), 2000)}\n`);
  const lines = checked.map(
    ({ projectKey, metricGroupKey, status, message }) => `${status.padEnd(10)} ${projectKey}/${metricGroupKey}  ${safeText(message)}\n`,
  );
  process.stdout.write(invocation.isJson ? `${JSON.stringify(checked)}\n` : lines.join(''));
  const unreadable = checked.filter(({ status }) => status !== 'succeeded').length;
  const isWell = problems.length === 0 && unreadable === 0;
  const verdict = isWell
    ? 'All is well: token, targets and output can be used'
    : `${unreadable} of ${checked.length} targets are not readable${problems.length > 0 ? ', and there are other problems, above' : ''}`;
  if (!invocation.isJson) process.stdout.write(`${verdict}\n`);
  return isWell ? 0 : 1;
}

async function discover(invocation: Invocation): Promise<number> {
  const project = invocation.project ?? '';
  const problems = [
    ...invocation.problems,
    ...(isKey(project)
      ? []
      : [`--project is ${JSON.stringify(project)}; it must be the key of a project: letters, digits, ".", "_" or "-"`]),
  ];
  const settings = readSettings({ flags: invocation.flags, environment }, ['accessToken'], problems);
  const { listMetricGroups } = await import('../extract/list-metric-groups.ts');
  const listing = await withClient(settings, (client) => listMetricGroups(client, project, settings.maintainerDetails));
  if (listing.kind === 'not settled')
    throw new SyncError('launchdarkly', `the metric groups of project ${project} cannot be listed: ${safeText(listing.message)}`);
  const [keys, odd] = [listing.keys.filter(isKey), listing.keys.filter((key) => !isKey(key))];
  for (const key of odd) process.stderr.write(`left out, as no key can look like this: ${safeText(JSON.stringify(key))}\n`);
  const targets = keys.map((metricGroupKey) => JSON.stringify({ projectKey: project, metricGroupKey }));
  process.stdout.write(targets.length === 0 ? '[]\n' : `[\n  ${targets.join(',\n  ')}\n]\n`);
  return 0;
}

/** Reads settings, targets and instant, and reports all that is wrong with any of them at once. */
async function readConfiguration(
  invocation: Invocation,
  required: readonly SettingName[],
): Promise<{ settings: Settings; targets: readonly Target[]; atMs: number }> {
  const { flags, only, snapshotTime } = invocation;
  const problems = [...invocation.problems];
  let unreadable: SyncError | undefined;
  const collect = async <T>(read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      if (error.kind === 'configuration') problems.push(error.message);
      else unreadable = error;
      return undefined;
    }
  };
  const settings = await collect(() => readSettings({ flags, environment }, required));
  const atMs = snapshotTime === undefined ? Date.now() : parseInstant(snapshotTime);
  if (atMs === undefined)
    problems.push(`--snapshot-time is ${JSON.stringify(snapshotTime)}; it must be an instant with a zone, such as 2026-11-23T06:00:00Z`);
  // Read also where another setting is wrong, but not from a location that is wrong itself: that is reported already.
  const targetsUri = readLocation('targetsUri', { flags, environment });
  const targets = await collect(() => (only.length > 0 ? parseOnly(only) : targetsUri ? readTargets(targetsUri, environment) : undefined));
  if (problems.length === 0 && unreadable !== undefined) throw unreadable;
  if (unreadable !== undefined) problems.push(unreadable.message);
  if (problems.length > 0 || settings === undefined || targets === undefined || atMs === undefined) throw configurationError(problems);
  return { settings, targets, atMs };
}

function parseOnly(only: readonly string[]): Target[] {
  const entries = only.map((text) => {
    const [projectKey = '', metricGroupKey = '', ...rest] = text.split('/');
    return { projectKey, metricGroupKey: rest.length > 0 ? text.slice(projectKey.length + 1) : metricGroupKey };
  });
  return validateTargets(entries, `--only (project/group or project/${everyGroup})`);
}

async function launchDarklyOptions(settings: Settings): Promise<LaunchDarklyOptions> {
  const accessToken = settings.accessToken ?? (await readSecretToken(settings.secretId ?? '', interrupt.signal));
  knownToken = accessToken;
  return { ...settings, accessToken };
}

/** Gives a client to work that publishes nothing, and ends it. */
async function withClient<T>(settings: Settings, work: (client: LaunchDarklyClient, signal: AbortSignal) => Promise<T>): Promise<T> {
  const { createLaunchDarklyClient } = await import('../extract/launchdarkly-client.ts');
  const limits = createRunLimits(
    systemClock,
    settings.maxRunSeconds === undefined ? undefined : settings.maxRunSeconds * 1000,
    interrupt.signal,
  );
  const client = createLaunchDarklyClient(await launchDarklyOptions(settings), {
    clock: systemClock,
    random: Math.random,
    signal: limits.signal,
    userAgent,
    onWait: () => {},
    onAnswer: limits.noteAnswer,
  });
  try {
    return await work(client, limits.signal);
  } finally {
    await client.close();
    limits.close();
  }
}

/** The first signal ends the run in order; a second one ends it at once, which loses what is not yet written and nothing else. */
function listenForSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (signalGot !== undefined) process.exit(exitCodeOfSignal(signal));
      signalGot = signal;
      interrupt.abort(new SyncError('interrupted', `stopped by ${signal}`));
    });
  }
}

/** The last line of defence: no message of any library shows the token. */
function withoutToken(text: string): string {
  return knownToken === '' ? text : text.replaceAll(knownToken, '[access token]');
}
