import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireSameTables, undisturbed } from './compare.ts';
import { spread } from './dice.ts';
import { type Fault, promise, type Trial } from './fault.ts';
import { type FileCallFault, withFileCalls } from './preloads.ts';
import { createStage, requireRecovery } from './stage.ts';

/** How many calls change the file system in an undisturbed run. */
const countCalls = (trial: Trial): Promise<number> =>
  trial.share('file calls', async (onEnd) => {
    const stage = await createStage({ ...trial, onTestFinished: onEnd });
    const countFile = join(stage.folder, 'calls');
    const { exitCode, stderr } = await stage.sync([], withFileCalls({ root: stage.output, call: 0, what: '', countFile }));
    promise(exitCode === 0, 'an undisturbed run fails', stderr);
    return Number(readFileSync(countFile, 'utf8'));
  });

const moments = ['kill-before', 'kill-within', 'kill-after'] as const satisfies FileCallFault['what'][];

/** kill -9 at each call that changes the file system: make a directory, open, write (also half), fsync, link, remove. */
export const deathOnDisk: Fault = {
  name: 'kill -9 at a file system call',
  promise:
    'The next run asks for nothing that was answered and kept, changes no object that stood, and publishes the rows of an undisturbed run.',
  trials: { usual: 60, long: 1200 },
  run: async (trial) => {
    const [expected, calls] = await Promise.all([undisturbed(trial), countCalls(trial)]);
    const place = spread(trial.number, trial.of, calls * moments.length);
    const call = Math.floor(place / moments.length) + 1;
    const stage = await createStage(trial);
    const killed = await stage.sync(
      [],
      withFileCalls({ root: stage.output, call, what: moments[place % moments.length] ?? 'kill-before' }),
    );
    promise(killed.exitCode === null || killed.exitCode === 0, 'a run that was to be killed failed', killed.stderr);
    // A run that dies a second time, as in a loop of restarts.
    if (trial.dice.chance(0.2))
      await stage.sync([], withFileCalls({ root: stage.output, call: 1 + trial.dice.whole(calls), what: 'kill-after' }));
    await requireRecovery(stage, expected, requireSameTables);
    return killed.exitCode === null ? 'killed, then published' : 'ended before the call, published';
  },
};

/** The power is cut at each call that changes the file system, and after the last: what was not made durable is gone, all of it or in part. */
export const powerCut: Fault = {
  name: 'a power cut at a file system call',
  promise:
    'As above: what is left is whole, and nothing is left without what it was made of; a run that ended with 0 is published for good.',
  trials: { usual: 30, long: 500 },
  run: async (trial) => {
    const [expected, calls] = await Promise.all([undisturbed(trial), countCalls(trial)]);
    const stage = await createStage(trial);
    // A few numbers more than there are calls: the last ones are met when all is done.
    const call = spread(trial.number, trial.of, calls + 8) + 1;
    const what = trial.number % 2 === 0 ? 'power-cut' : 'power-cut-partly';
    const { exitCode, stderr } = await stage.sync([], withFileCalls({ root: stage.output, call, what }));
    promise(exitCode === null || exitCode === 0, 'a run whose power was to be cut failed', stderr);
    if (exitCode === 0) requireSameTables(stage.objectsNow(), expected);
    await requireRecovery(stage, expected, requireSameTables);
    return exitCode === null ? 'cut, then published' : 'cut after the end, published';
  },
};
