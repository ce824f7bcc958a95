import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SimulatedLaunchDarkly, type SimulatedLaunchDarklyOptions, startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { findContractBreaches } from './check-output.ts';
import { listFiles } from './read-output.ts';
import { type CliOptions, type CliResult, type RunningCli, startCli } from './run-cli.ts';
import { runInProcess } from './run-in-process.ts';

/** A simulated LaunchDarkly, a folder of its own, and the command line to run against both. */
export type Scene = {
  readonly launchDarkly: SimulatedLaunchDarkly;
  /** Holds the list of targets, the output and nothing else. */
  readonly folder: string;
  readonly output: string;
  /** The list of targets, as a file. */
  readonly targets: string;
  /** Flags that lead to the simulation, without a pace to speak of. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  writeTargets(targets: unknown): void;
  /** Starts a command with the scene's flags; `more` come after them and so replace them. */
  start(command: string, more?: readonly string[], options?: SceneCliOptions): RunningCli;
  /** Runs a command to its end, and fails where its output breaks the contract. */
  run(command: string, more?: readonly string[], options?: SceneCliOptions): Promise<CliResult>;
  /** Starts a command line as it stands. */
  startBare(args: readonly string[], options?: SceneCliOptions): RunningCli;
  /** Runs a command line as it stands. */
  runBare(args: readonly string[], options?: SceneCliOptions): Promise<CliResult>;
};

export type SceneCliOptions = Omit<CliOptions, 'folder'>;

type SceneOptions = Partial<SimulatedLaunchDarklyOptions> & {
  /** As the file's JSON, or its text. @default every group of `storefront` */
  readonly targets?: unknown;
  /**
   * Runs commands within the test's own process wherever they need none of their own, which takes a tenth of the time.
   * For what a command says and writes; not for how it ends, or for what may be left in a process.
   * @default false
   */
  readonly isInProcess?: boolean;
};

/** The option of a scene that runs commands within the test's process. */
export const inProcess = { isInProcess: true } as const;

type TestContext = { readonly onTestFinished: (end: () => Promise<void>) => void };

/** Sets up a scene that ends with its test. */
export async function createScene({ onTestFinished }: TestContext, options: SceneOptions = {}): Promise<Scene> {
  const { targets: list = [everyGroupOf('storefront')], isInProcess = false, ...simulation } = options;
  const launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { storefront: 3 } }), ...simulation });
  const folder = mkdtempSync(join(tmpdir(), 'metric-group-sync-'));
  const [output, targets] = [join(folder, 'output'), join(folder, 'targets.json')];
  const running = new Set<RunningCli>();
  let checked = '';
  onTestFinished(async () => {
    for (const child of running) child.kill('SIGKILL');
    await launchDarkly.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const environment = { LAUNCHDARKLY_ACCESS_TOKEN: launchDarkly.token };
  const ask = ['--base-url', launchDarkly.url, '--max-requests-per-second', '1000', '--max-concurrent-requests', '16'];
  const flags = [...ask, '--targets', targets, '--output', output];
  const startBare = (args: readonly string[], more: SceneCliOptions = {}): RunningCli => {
    const child = startCli(args, { ...more, folder, environment: { ...environment, ...more.environment } });
    running.add(child);
    void child.ended.finally(() => running.delete(child)).catch(() => {});
    return child;
  };
  const argsOf = (command: string, more: readonly string[]): string[] => [command, ...(command === 'discover' ? ask : flags), ...more];
  const scene: Scene = {
    launchDarkly,
    folder,
    output,
    targets,
    flags,
    environment,
    startBare,
    writeTargets: (value) => writeFileSync(targets, typeof value === 'string' ? value : JSON.stringify(value)),
    start: (command, more = [], cliOptions) => startBare(argsOf(command, more), cliOptions),
    run: async (command, more = [], cliOptions) => {
      const result = await scene.runBare(argsOf(command, more), cliOptions);
      const files = listFiles(output).join('\n');
      if (files !== checked) await requireContract(output);
      checked = files;
      return result;
    },
    runBare: (args, cliOptions = {}) =>
      isInProcess && cliOptions.nodeArguments === undefined
        ? runInProcess(args, { ...environment, ...cliOptions.environment })
        : startBare(args, cliOptions).ended,
  };
  scene.writeTargets(list);
  return scene;
}

/** A target that stands for all groups of a project. */
export const everyGroupOf = (projectKey: string): object => ({ projectKey, metricGroupKey: '*' });

/** A target by its name, `project/group`. */
export function target(name: string): object {
  const [projectKey, metricGroupKey] = name.split('/');
  return { projectKey, metricGroupKey };
}

/** The keys of the groups asked for one by one, in the order of the requests. */
export const groupsAsked = (launchDarkly: SimulatedLaunchDarkly, from = 0): string[] =>
  launchDarkly.requests
    .slice(from)
    .flatMap(({ route, projectKey, metricGroupKey }) => (route === 'single' ? [`${projectKey}/${metricGroupKey}`] : []));

/** An instant so many milliseconds from now, as `--snapshot-time` takes it. */
export const instantFromNow = (ms: number): string => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`;

/** Fails with what the checker finds in an output. */
export async function requireContract(directory: string): Promise<void> {
  const breaches = await findContractBreaches(directory);
  if (breaches.length > 0) throw new Error(`the output breaks the contract:\n${breaches.join('\n')}`);
}

/** Waits until something is so, for 30 s at most. */
export async function until(isSo: () => boolean): Promise<void> {
  for (const endsAtMs = Date.now() + 30_000; !isSo(); ) {
    if (Date.now() > endsAtMs) throw new Error(`waited 30 s in vain until ${isSo}`);
    await sleep(5);
  }
}
