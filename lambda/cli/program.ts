import { Command, CommanderError, Option } from 'commander';
import { type SettingName, settingDeclarations } from '../contract/settings.ts';
import type { Host } from './command-context.ts';

/** What the command line asks for; `problems` are to be reported together with those of the settings. */
export type Invocation = {
  readonly command: 'sync' | 'plan' | 'extract' | 'publish' | 'check' | 'discover' | 'rebuild' | 'query';
  readonly flags: Partial<Record<SettingName, string>>;
  readonly only: readonly string[];
  readonly snapshotTime: string | undefined;
  /** Numbers and ranges of slices, as given. */
  readonly slices: readonly string[];
  readonly project: string | undefined;
  /** First and last date of the snapshots, as given. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly isDryRun: boolean;
  readonly isJson: boolean;
  readonly isCsv: boolean;
  /** The statement of a query; undefined where none is given. */
  readonly sql: string | undefined;
  readonly problems: readonly string[];
};

/**
 * The command line, parsed; or the exit code where there is nothing left to do (help, version, words that make no sense).
 */
export function parseCommandLine(
  args: readonly string[],
  version: string,
  { stdout, stderr }: Pick<Host, 'stdout' | 'stderr'>,
): Invocation | { readonly exitCode: number } {
  let invocation: Invocation | undefined;
  const program = new Command('metric-group-sync')
    .description('Gets LaunchDarkly metric groups and their experiments into typed, complete tables.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text), outputError: () => {} })
    .exitOverride();

  const take =
    (command: Invocation['command']) =>
    (options: Record<string, unknown>, { args }: Command) => {
      const sqlAt = command === 'query' ? args.findIndex(isStatement) : -1;
      const flags: Partial<Record<SettingName, string>> = {};
      for (const name of Object.keys(settingDeclarations) as SettingName[]) {
        const value = options[optionName(name)];
        if (typeof value === 'string') flags[name] = value;
      }
      invocation = {
        command,
        flags,
        only: (options['only'] as string[] | undefined) ?? [],
        snapshotTime: options['snapshotTime'] as string | undefined,
        slices: (options['slice'] as string[] | undefined) ?? [],
        project: options['project'] as string | undefined,
        from: options['from'] as string | undefined,
        to: options['to'] as string | undefined,
        isDryRun: options['dryRun'] === true,
        isJson: options['json'] === true,
        isCsv: options['csv'] === true,
        sql: args[sqlAt],
        problems: describeUnknown(args.filter((_word, index) => index !== sqlAt)),
      };
    };

  const define = (name: Invocation['command'], description: string, settings: readonly SettingName[], examples: string): Command => {
    const command = program.command(name).description(description).helpOption('--help', 'show this help');
    for (const setting of settings) command.addOption(settingOption(setting));
    // Unknown words are collected, so that all problems come at once.
    return command.allowUnknownOption().allowExcessArguments().action(take(name)).addHelpText('after', `\n${examples}`).exitOverride();
  };

  define(
    'sync',
    'Take a snapshot of all targets and publish it as tables.',
    [...askSettings, 'targetsUri', 'outputUri', ...publishSettings],
    syncExamples,
  )
    .addOption(onlyOption())
    .addOption(newInstantOption())
    .option('--json', 'print the row of sync_snapshots as JSON');
  define(
    'plan',
    'The first of three steps that do the work of sync: resolve the targets, and print how many slices there are.',
    [...askSettings, 'targetsUri', 'outputUri', 'maintainerDetails'],
    stepExamples,
  )
    .addOption(onlyOption())
    .addOption(newInstantOption())
    .option('--json', 'print {snapshotId, snapshotTime, state, targets, slices}');
  define(
    'extract',
    'The second step, on as many machines as you like: ask for the targets of some slices of the plan.',
    [...askSettings, 'outputUri', 'maxFailedPercent', 'maintainerDetails'],
    stepExamples,
  )
    .option('--slice <number>', 'a slice of the plan, or a range such as 0-9; repeatable', collect, [])
    .addOption(plannedInstantOption())
    .option('--json', 'print an array with an object a slice: {slice, targets, succeeded, …}');
  define(
    'publish',
    'The last step: publish what was extracted. Asks LaunchDarkly nothing and needs no token.',
    ['outputUri', 'maxFailedPercent', 'maxShrinkPercent'],
    stepExamples,
  )
    .addOption(plannedInstantOption())
    .option('--json', 'print the row of sync_snapshots as JSON');
  define('check', 'Check token, targets and output; writes nothing.', [...askSettings, 'targetsUri', 'outputUri'], checkExamples).option(
    '--json',
    'print an array of {projectKey, metricGroupKey, status, message}',
  );
  define('discover', 'Print the targets of a project as JSON.', askSettings, discoverExamples)
    .option('--project <key>', 'the project')
    .option('--json', 'accepted for the sake of scripts: the output is always JSON');
  define(
    'rebuild',
    'Derive the tables of sealed snapshots again from their raw parts. Asks LaunchDarkly nothing and needs no token.',
    ['outputUri'],
    rebuildExamples,
  )
    .option('--from <date>', 'first date (UTC) of the snapshots, such as 2026-11-01')
    .option('--to <date>', 'last date (UTC) of the snapshots')
    .option('--dry-run', 'show what would change, and write nothing')
    .option('--json', 'print an array with an object a snapshot');
  define('query', 'Ask the tables and views of a local output directory.', ['outputUri'], queryExamples)
    .usage('[options] [statement, or name of an example]')
    .option('--csv', 'print the rows as CSV')
    .option('--json', 'print the rows as a JSON array of objects');

  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { exitCode: 0 };
    stderr.write(`${describeParseError(error)}\n`);
    return { exitCode: 2 };
  }
  return invocation ?? { exitCode: 2 };
}

const askSettings = [
  'baseUrl',
  'maxRequestsPerSecond',
  'maxConcurrentRequests',
  'maxAttempts',
  'requestTimeoutMs',
  'maxRunSeconds',
] as const;
const publishSettings = ['maxFailedPercent', 'maxShrinkPercent', 'maintainerDetails'] as const;

const syncExamples = `Examples:
  npm run sync -- --targets targets.json --output ./metric-groups
  npm run sync -- --targets targets.json --output s3://bucket/metric-groups --snapshot-time 2026-11-23T06:00:00Z
  npm run sync -- --only storefront/checkout-funnel --only 'growth/*' --output ./metric-groups

The access token comes from LAUNCHDARKLY_ACCESS_TOKEN, or from the secret named by ACCESS_TOKEN_SECRET_ID; it is never a flag.
Exit codes: 0 published and complete, 1 nothing published, 2 settings or targets wrong, 3 published but partial, 130/143 stopped.`;
const stepExamples = `Example, whose last lines may run on several machines at once; they must share MAX_REQUESTS_PER_SECOND among them:
  npm run plan -- --targets targets.json --output s3://bucket/metric-groups --snapshot-time 2026-11-23T06:00:00Z
  npm run extract -- --slice 0-9 --max-requests-per-second 5 --output s3://bucket/metric-groups --snapshot-time 2026-11-23T06:00:00Z
  npm run extract -- --slice 10-19 --max-requests-per-second 5 --output s3://bucket/metric-groups --snapshot-time 2026-11-23T06:00:00Z
  npm run publish -- --output s3://bucket/metric-groups --snapshot-time 2026-11-23T06:00:00Z

Exit codes: 0 done (publish: and complete), 1 not done, 2 settings or targets wrong, 3 published but partial, 130/143 stopped.`;
const checkExamples = `Example:
  npm run check -- --targets targets.json --output s3://bucket/metric-groups

Exit codes: 0 all is well, 1 something is not readable, 2 settings or targets wrong.`;
const discoverExamples = `Example:
  npm --silent run discover -- --project storefront > targets.json`;
const queryExamples = `Examples:
  npm run query -- --output ./metric-groups
  npm run query -- --output ./metric-groups "select metric_group_key, name from metric_groups_current"
  npm --silent run query -- --output ./metric-groups --csv experiments_of_a_group > experiments.csv`;
const rebuildExamples = `Examples:
  npm run rebuild -- --output ./metric-groups --from 2026-11-01 --to 2026-11-30 --dry-run
  npm run rebuild -- --output s3://bucket/metric-groups --from 2026-11-23 --to 2026-11-23

Exit codes: 0 all sealed snapshots of these dates are right, 1 one failed or there is none, 2 flags wrong, 130/143 stopped.`;

const optionName = (setting: SettingName): string =>
  (settingDeclarations[setting].flag ?? '').slice(2).replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());

function settingOption(setting: SettingName): Option {
  const { flag, comment, range, variable, default: fallback } = settingDeclarations[setting];
  const facts = [range, `or ${variable}`, ...(fallback === null ? [] : [`default: ${fallback}`])];
  return new Option(`${flag} <value>`, `${comment} (${facts.join('; ')})`);
}

const newInstantOption = (): Option =>
  new Option('--snapshot-time <instant>', 'instant of the snapshot, such as 2026-11-23T06:00:00Z (default: now)');

const plannedInstantOption = (): Option => new Option('--snapshot-time <instant>', 'instant that `plan` printed');

const onlyOption = (): Option =>
  new Option('--only <project/group>', 'take this target alone, or project/* for all of a project; repeatable, and no list is read')
    .argParser(collect)
    .default([]);

/** A statement may begin with a comment, which looks like a flag but for its spaces. */
const isStatement = (word: string): boolean => !word.startsWith('-') || /\s/.test(word);

const collect = (value: string, before: string[] = []): string[] => [...before, value];

const commandNames = (joint: string): string => `sync, plan, extract, publish, check, discover, rebuild ${joint} query`;

/** Commander's own messages repeat the words it got, which may be a token typed in the wrong place. */
function describeParseError({ code, message }: CommanderError): string {
  if (code === 'commander.optionMissingArgument') return message.replace(/^error: /, '');
  if (code === 'commander.help') return `a command is missing: ${commandNames('or')}; see --help`;
  return `unknown command or flag: the commands are ${commandNames('and')}; see --help`;
}

/** Names what commander did not know. A value beside an unknown flag may be a token: it is not repeated. */
function describeUnknown(args: readonly string[]): string[] {
  const flags = args.filter((arg) => arg.startsWith('-') && arg !== '--').map((arg) => /^--[A-Za-z][A-Za-z-]*|^-.?/.exec(arg)?.[0] ?? '-');
  if (flags.length > 0) return flags.map((flag) => `unknown flag ${JSON.stringify(flag.slice(0, 40))}; see --help`);
  return args.length === 0 ? [] : [`${args.length} word${args.length === 1 ? '' : 's'} too many on the command line; see --help`];
}
