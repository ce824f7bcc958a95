import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MaintainerDetails } from '../../lambda/contract/raw.ts';
import { isAnswer } from '../../lambda/contract/raw.ts';
import { listFiles, readParts, targetOf } from '../end-to-end/read-output.ts';
import type { CliResult, RunningCli } from '../end-to-end/run-cli.ts';
import { createS3Scene, type S3Scene } from '../end-to-end/s3-scene.ts';
import { groupsAsked, instantFromNow, type SceneCliOptions } from '../end-to-end/scene.ts';
import type { SimulatedLaunchDarklyOptions } from '../launchdarkly/server.ts';
import { createWorld, type WorldOptions } from '../launchdarkly/world.ts';
import { promise, type Trial } from './fault.ts';
import { requireNoSecrets, requireNoSecretsIn, secretToken } from './secrets.ts';

/** Where a trial's output goes. */
export type Place = 'disk' | 's3';

/** A scene with one snapshot that is run, disturbed and run again; everything said and written is searched for secrets. */
export type Stage = S3Scene & {
  readonly place: Place;
  readonly details: MaintainerDetails;
  /** What the output holds, as files. */
  readonly directory: string;
  readonly instant: string;
  /** The objects of the output as they stand now. */
  objectsNow(): Map<string, Buffer>;
  /** Starts `sync` of the snapshot. */
  startSync(more?: readonly string[], options?: SceneCliOptions): RunningCli;
  /** Runs `sync` of the snapshot to its end. */
  sync(more?: readonly string[], options?: SceneCliOptions): Promise<CliResult>;
};

type StageOptions = Partial<Omit<SimulatedLaunchDarklyOptions, 'world'>> & {
  readonly world?: WorldOptions;
  readonly place?: Place;
  readonly details?: MaintainerDetails;
  readonly targets?: unknown;
  /** @default the suite's, one minute ago when it began */
  readonly instant?: string;
};

/** Two slices, the second a short one. */
export const usualWorld: WorldOptions = { projects: { storefront: 110 }, metrics: 2, experiments: 1 };
/** For trials about answers: few groups, all in one slice. */
export const smallWorld: WorldOptions = { projects: { storefront: 12 }, metrics: 2, experiments: 1 };

/** Sets up the stage of a trial; it ends with the trial, and with it everything on it. */
export async function createStage(trial: Trial, options: StageOptions = {}): Promise<Stage> {
  const { world = usualWorld, place = 'disk', details = 'keep', instant, ...rest } = options;
  const scene = await createS3Scene(trial, { ...rest, world: createWorld(world), token: secretToken });
  const directory = place === 'disk' ? scene.output : scene.objects;
  const at = instant ?? (await trial.share('instant', async () => instantFromNow(-60_000)));
  const said: string[] = [];
  const startSync = (more: readonly string[] = [], cliOptions: SceneCliOptions = {}): RunningCli => {
    const to = place === 'disk' ? [] : scene.toS3;
    const args = ['--json', '--snapshot-time', at, '--maintainer-details', details, ...to, ...more];
    const running = scene.start('sync', args, cliOptions);
    void running.ended.then(({ stdout, stderr }) => said.push(stdout, stderr)).catch(() => {});
    return running;
  };
  trial.onTestFinished(async () => {
    const isWithoutPeople = details !== 'keep';
    trial.noteSearched(requireNoSecrets(said, isWithoutPeople) + requireNoSecretsIn(directory, isWithoutPeople));
  });
  return Object.assign(scene, {
    place,
    details,
    directory,
    instant: at,
    objectsNow: () => readObjects(directory),
    startSync,
    sync: (more?: readonly string[], cliOptions?: SceneCliOptions) => startSync(more, cliOptions).ended,
  });
}

/** The objects of an output by name, hidden files left out. */
export function readObjects(directory: string): Map<string, Buffer> {
  if (!existsSync(directory)) return new Map();
  const visible = listFiles(directory).filter((file) => !file.split('/').some((part) => part.startsWith('.')));
  return new Map(visible.map((file) => [file, readFileSync(join(directory, file))]));
}

/** The targets that parts hold an answer for. */
export const answeredTargets = (directory: string): Set<string> =>
  new Set(readParts(directory).flatMap((line) => (isAnswer(line['status'] as never) ? [targetOf(line)] : [])));

/**
 * Runs the snapshot again without a fault and holds it to the promises of the protocol: what was answered and kept is not asked again, what
 * stood stands as it was, and the result is that of an undisturbed run.
 */
export async function requireRecovery(stage: Stage, expected: ReadonlyMap<string, Buffer>, compare: Comparison): Promise<void> {
  const kept = answeredTargets(stage.directory);
  const before = stage.objectsNow();
  const asked = stage.launchDarkly.requests.length;
  const again = await stage.sync();
  promise(again.exitCode === 0, 'the next run does not finish the snapshot', again.stderr);
  const twice = groupsAsked(stage.launchDarkly, asked).filter((name) => kept.has(name));
  promise(twice.length === 0, 'what was answered and kept is asked again', twice);
  const after = stage.objectsNow();
  for (const [object, content] of before) promise(after.get(object)?.equals(content) === true, `${object} stood and is another now`);
  compare(after, expected);
}

/** Holds the objects of an output against those of an undisturbed run. */
export type Comparison = (objects: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>) => void;
