import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { CliResult } from '../end-to-end/run-cli.ts';
import { groupsAsked } from '../end-to-end/scene.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { type Fault, promise, type Trial } from './fault.ts';
import { type FileCallFault, withFileCalls } from './preloads.ts';
import { requireNoSecrets } from './secrets.ts';
import { answeredTargets, createStage, type Stage } from './stage.ts';

const deaths = ['kill-before', 'kill-within', 'kill-after', 'power-cut', 'power-cut-partly'] as const satisfies FileCallFault['what'][];

/** Runs a command that dies at one of its first so many calls that change the file system, unless it ended before. */
async function runToDeath(trial: Trial, stage: Stage, args: readonly string[], calls: number): Promise<CliResult> {
  const fault = { root: stage.output, call: 1 + trial.dice.whole(calls), what: trial.dice.pick(deaths) };
  const died = await stage.runBare(args, withFileCalls(fault));
  promise(died.exitCode === null || died.exitCode === 0, `${args[0]} failed that was to die`, died.stderr);
  return died;
}

async function runToEnd(trial: Trial, stage: Stage, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await stage.runBare(args);
  promise(exitCode === 0, `${args[0]} does not finish what is there`, stderr);
  trial.noteSearched(requireNoSecrets([stdout, stderr], stage.details !== 'keep'));
}

/** plan, extract and publish, of which one dies. */
export const deathInSteps: Fault = {
  name: 'kill -9 or a power cut in plan, extract or publish',
  promise:
    'The same step, done again, goes on from what is there and asks for nothing that was answered and kept; the rows are those of a sync.',
  trials: { usual: 12, long: 400 },
  run: async (trial) => {
    const expected = await undisturbed(trial);
    const stage = await createStage(trial);
    const to = ['--output', stage.output, '--snapshot-time', stage.instant];
    const asking = [...to, '--base-url', stage.launchDarkly.url, '--max-requests-per-second', '1000'];
    const steps = [
      { args: ['plan', '--targets', stage.targets, ...asking], calls: 14 },
      { args: ['extract', '--slice', '0-1', ...asking], calls: 16 },
      { args: ['publish', ...to], calls: 50 },
    ];
    const victim = trial.number % steps.length;
    for (const [index, { args, calls }] of steps.entries()) {
      if (index === victim) await runToDeath(trial, stage, args, calls);
      const kept = answeredTargets(stage.directory);
      const asked = stage.launchDarkly.requests.length;
      await runToEnd(trial, stage, args);
      const twice = groupsAsked(stage.launchDarkly, asked).filter((name) => kept.has(name));
      promise(twice.length === 0, 'what was answered and kept is asked again', twice);
    }
    requireSameTables(stage.objectsNow(), expected);
    return `${steps[victim]?.args[0]}, then published`;
  },
};

/** A rebuild of tables that are not what their parts make, which dies. */
export const deathInRebuild: Fault = {
  name: 'kill -9 or a power cut in a rebuild',
  promise:
    'Every object is the old one or the new one, whole; the next rebuild ends with the tables that the parts make, and asks nothing.',
  trials: { usual: 10, long: 400 },
  run: async (trial) => {
    const { dice } = trial;
    const stage = await createStage(trial);
    promise((await stage.sync()).exitCode === 0, 'an undisturbed run fails');
    const right = stage.objectsNow();
    const textOf = (content: Buffer | undefined): string => (content === undefined ? '' : gunzipSync(content).toString('utf8'));
    const wrong = new Map<string, string>();
    for (const [object, content] of right) {
      if (!object.startsWith('tables/') || dice.chance(0.3)) continue;
      const isGone = dice.chance(0.3);
      wrong.set(object, isGone ? '' : textOf(content).replace(/"snapshot_at"/, '"snapshot_was"'));
      if (isGone) rmSync(join(stage.output, object));
      else writeFileSync(join(stage.output, object), gzipSync(wrong.get(object) ?? ''));
    }
    const date = stage.instant.slice(0, 10);
    const args = ['rebuild', '--output', stage.output, '--from', date, '--to', date];
    const asked = stage.launchDarkly.requests.length;
    const { exitCode } = await runToDeath(trial, stage, args, 24);
    for (const [object, content] of stage.objectsNow()) {
      const isOneOfBoth = textOf(content) === textOf(right.get(object)) || textOf(content) === wrong.get(object);
      promise(isOneOfBoth, `${object} is neither what it was nor what it should be`);
    }
    await runToEnd(trial, stage, args);
    const after = stage.objectsNow();
    for (const [object, content] of right) promise(textOf(after.get(object)) === textOf(content), `${object} is not rebuilt`);
    promise(after.size === right.size, 'objects are left that belong to no table', [...after.keys()]);
    promise(stage.launchDarkly.requests.length === asked, 'a rebuild asks LaunchDarkly');
    return exitCode === null ? 'killed, then rebuilt' : 'ended before, rebuilt';
  },
};
