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
  trials: { usual: 90, long: 1200 },
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
