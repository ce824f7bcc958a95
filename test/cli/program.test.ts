import { describe, expect, it } from 'vitest';
import { exitCodeOfError, exitCodeOfStatus } from '../../lambda/cli/exit-codes.ts';
import { type Invocation, parseCommandLine } from '../../lambda/cli/program.ts';
import { type SettingName, settingDeclarations } from '../../lambda/contract/settings.ts';
import { SyncError } from '../../lambda/errors.ts';
import { createMemoryHost } from './memory-host.ts';

let printed = '';
const parse = (...args: string[]) => {
  const host = createMemoryHost();
  const invocation = parseCommandLine(args, '1.2.3', host);
  printed = host.written.stdout + host.written.stderr;
  return invocation;
};
const plain: Invocation = {
  command: 'sync',
  flags: {},
  only: [],
  snapshotTime: undefined,
  slices: [],
  project: undefined,
  from: undefined,
  to: undefined,
  isDryRun: false,
  isJson: false,
  isCsv: false,
  sql: undefined,
  problems: [],
};
const secret = 'api-00000000-1111-2222-3333-444444444444';

describe('the command line', () => {
  it('takes every flag that the settings declare', () => {
    const flagged = (Object.entries(settingDeclarations) as [SettingName, { flag: string | null }][]).filter(
      ([, { flag }]) => flag !== null,
    );
    const args = flagged.flatMap(([name, { flag }]) => [String(flag), `value of ${name}`]);
    expect(parse('sync', ...args)).toEqual({
      ...plain,
      flags: Object.fromEntries(flagged.map(([name]) => [name, `value of ${name}`])),
    });
    expect(flagged.map(([name]) => name)).not.toContain('accessToken');
  });

  it('takes what is not a setting: targets one by one, the instant, JSON', () => {
    expect(parse('sync', '--only', 'a/b', '--snapshot-time', '2026-11-23T06:00:00Z', '--only=c/*', '--json')).toEqual({
      ...plain,
      only: ['a/b', 'c/*'],
      snapshotTime: '2026-11-23T06:00:00Z',
      isJson: true,
    });
    expect(parse('check', '--targets=t.json', '--json')).toEqual({
      ...plain,
      command: 'check',
      flags: { targetsUri: 't.json' },
      isJson: true,
    });
    expect(parse('plan', '--only', 'a/b', '--snapshot-time', '2026-11-23T06:00:00Z')).toEqual({
      ...plain,
      command: 'plan',
      only: ['a/b'],
      snapshotTime: '2026-11-23T06:00:00Z',
    });
    expect(parse('extract', '--slice', '0-9', '--slice=12', '--max-failed-percent', '5')).toEqual({
      ...plain,
      command: 'extract',
      flags: { maxFailedPercent: '5' },
      slices: ['0-9', '12'],
    });
    expect(parse('publish', '--output', 'o', '--json')).toEqual({ ...plain, command: 'publish', flags: { outputUri: 'o' }, isJson: true });
    expect(parse('discover', '--project', 'p')).toEqual({ ...plain, command: 'discover', project: 'p' });
    expect(parse('rebuild', '--output', 'o', '--from', '2026-11-01', '--to=2026-11-30', '--dry-run', '--json')).toEqual({
      ...plain,
      command: 'rebuild',
      flags: { outputUri: 'o' },
      from: '2026-11-01',
      to: '2026-11-30',
      isDryRun: true,
      isJson: true,
    });
  });

  it('remembers nothing from one parse to the next', () => {
    parse('sync', '--only', 'a/b', '--json');
    expect(parse('sync')).toEqual(plain);
  });

  it('prints version and help on request, and asks for nothing more', () => {
    expect(parse('--version')).toEqual({ exitCode: 0 });
    expect(printed).toBe('1.2.3\n');
    for (const args of [
      ['--help'],
      ['sync', '--help'],
      ['check', '--help'],
      ['discover', '--help'],
      ['extract', '--help'],
      ['rebuild', '--help'],
    ]) {
      printed = '';
      expect(parse(...args)).toEqual({ exitCode: 0 });
      expect(printed).toContain('Usage: metric-group-sync');
    }
  });

  it('tells flag, range, variable and default of a setting in its help', () => {
    parse('sync', '--help');
    const help = printed.replaceAll(/\s+/g, ' ');
    expect(help).toContain('--max-attempts <value> Attempts a target, 429s not counted. (1–20; or MAX_ATTEMPTS; default: 6)');
    expect(help).not.toContain('LAUNCHDARKLY_ACCESS_TOKEN; default');
  });
});

describe('words that make no sense', () => {
  it('are exit code 2 where no command is recognised', () => {
    for (const args of [[], ['snyc'], ['--nonsense'], ['sync', '--targets'], ['sync', '--only'], ['rebuild', '--from']]) {
      expect(parse(...args)).toEqual({ exitCode: 2 });
    }
  });

  it('are problems to be reported with those of the settings, known flags still taken', () => {
    expect(parse('sync', '--nonsense', 'x', '--output', './o', '--other=y', '--json')).toEqual({
      ...plain,
      flags: { outputUri: './o' },
      isJson: true,
      problems: ['unknown flag "--nonsense"; see --help', 'unknown flag "--other"; see --help'],
    });
    expect(parse('sync', 'a', 'b')).toMatchObject({ problems: ['2 words too many on the command line; see --help'] });
    expect(parse('check', '--snapshot-time', 'x')).toMatchObject({ problems: ['unknown flag "--snapshot-time"; see --help'] });
    expect(parse('sync', '--dry-run')).toMatchObject({ problems: ['unknown flag "--dry-run"; see --help'] });
    expect(parse('rebuild', '--base-url', 'x')).toMatchObject({ problems: ['unknown flag "--base-url"; see --help'] });
    expect(parse('publish', '--base-url', 'x')).toMatchObject({ problems: ['unknown flag "--base-url"; see --help'] });
    expect(parse('sync', '--slice', '1')).toMatchObject({ problems: ['unknown flag "--slice"; see --help'] });
    expect(parse('sync', '--project', 'x')).toMatchObject({ problems: ['unknown flag "--project"; see --help'] });
  });

  it('are no abbreviations', () => {
    expect(parse('sync', '--out', './o')).toMatchObject({ flags: {}, problems: ['unknown flag "--out"; see --help'] });
  });

  it.each([
    [['sync', '--token', secret]],
    [['sync', `--token=${secret}`]],
    [['sync', `--token:${secret}`]],
    [['sync', `-t${secret}`]],
    [['sync', '-t', secret]],
    [['sync', secret]],
    [['sync', '--', `--token=${secret}`]],
    [['sync', `--json=${secret}`]],
    [['sync', '--output']],
    [[`--token=${secret}`, 'sync']],
    [['--token', secret, 'sync']],
    [[secret]],
    [[secret, 'sync']],
  ])('are not repeated, as they may hold a token: %#', (args) => {
    const parsed = parse(...args);
    if ('exitCode' in parsed) expect(parsed).toEqual({ exitCode: 2 });
    else expect(parsed.problems).toHaveLength(1);
    expect(printed + ('problems' in parsed ? parsed.problems.join() : '')).not.toContain('api-0');
  });
});

describe('the exit code', () => {
  it('of a snapshot is 0 where it is complete, 3 where it is partial', () => {
    expect(['complete', 'partial'].map(exitCodeOfStatus)).toEqual([0, 3]);
  });

  it('of an error is 2 for configuration, that of the signal where one came, else 1', () => {
    const codeOf = (kind: SyncError['kind'], signal?: NodeJS.Signals) => exitCodeOfError(new SyncError(kind, 'x'), signal);
    expect(codeOf('configuration')).toBe(2);
    expect((['token_refused', 'launchdarkly', 'output', 'not_published', 'out_of_time'] as const).map((kind) => codeOf(kind))).toEqual(
      Array(5).fill(1),
    );
    expect([codeOf('interrupted', 'SIGINT'), codeOf('interrupted', 'SIGTERM'), codeOf('interrupted')]).toEqual([130, 143, 130]);
    expect(exitCodeOfError(new TypeError('x'), 'SIGTERM')).toBe(1);
  });
});
