import { join } from 'node:path';
import { listFiles } from '../end-to-end/read-output.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { spread } from './dice.ts';
import { type Fault, promise } from './fault.ts';
import { withFileCalls } from './preloads.ts';
import { createStage, requireRecovery } from './stage.ts';

const errors = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES'] as const;
const mostCalls = 70;

/** A disk that is full, over quota, read-only, broken or closed, from some call on or for one call. */
export const diskErrors: Fault = {
  name: 'a disk that is full, read-only or broken',
  promise:
    'The run ends with 0 and the right rows, or with 1, the path, and nothing half written; the next run finishes, and asks for nothing that was kept.',
  trials: { usual: 30, long: 700 },
  run: async (trial) => {
    const expected = await undisturbed(trial);
    const stage = await createStage(trial);
    const call = 1 + spread(trial.number, trial.of, mostCalls);
    const what = trial.dice.pick(errors);
    const isForever = trial.dice.chance(0.7);
    const { exitCode, stdout, stderr } = await stage.sync([], withFileCalls({ root: stage.output, call, what, isForever }));
    if (exitCode === 0) requireSameTables(stage.objectsNow(), expected);
    else {
      promise(exitCode === 1 && stdout === '', `${what} at call ${call}: exit code ${exitCode}`, stderr);
      const isTold = stderr.includes(stage.output) && stderr.includes(what) && !stderr.includes('unexpected error');
      promise(isTold, `${what} at call ${call}: the run does not say what happened`, stderr);
      // Where nothing can be removed either, the hidden file stays; it is no object.
      const hidden = listFiles(stage.output).filter((file) => file.endsWith('.tmp'));
      promise(
        isForever || hidden.length === 0 || stderr.includes('rm'),
        `${what} at call ${call}: hidden files are left`,
        hidden.map((file) => join(stage.output, file)),
      );
    }
    await requireRecovery(stage, expected, requireSameTables);
    return exitCode === 0 ? 'published all the same' : 'stopped with 1, then published';
  },
};
