import { rmSync } from 'node:fs';
import { listFiles, readTable } from '../end-to-end/read-output.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { spread } from './dice.ts';
import { type Fault, promise } from './fault.ts';
import { createStage, readObjects } from './stage.ts';

/** The output, or all raw objects, removed by somebody while a run is at work. */
export const diskVanishes: Fault = {
  name: 'an output removed in the middle of a run',
  promise: 'Nothing is committed whose raw objects are not there; the next run of the snapshot finishes it.',
  trials: { usual: 10, long: 200 },
  run: async (trial) => {
    const expected = await undisturbed(trial);
    const stage = await createStage(trial, { latencyMs: 3 });
    const at = spread(trial.number, trial.of, 112);
    const gone = trial.dice.pick(['', 'raw']);
    stage.launchDarkly.setFaults([
      {
        match: ({ total }) => {
          if (total === at) rmSync(`${stage.output}/${gone}`, { recursive: true, force: true });
          return false;
        },
        change: 'delay',
        ms: 0,
      },
    ]);
    const { exitCode, stderr } = await stage.sync();
    stage.launchDarkly.setFaults([]);
    promise(exitCode === 0 || exitCode === 1, `exit code ${exitCode}`, stderr);
    if (exitCode === 0) requireSameTables(readObjects(stage.output), expected);
    else
      promise(
        readTable(stage.output, 'sync_snapshots').length === 0 && stderr.includes(stage.output),
        'the run does not say what happened',
        stderr,
      );
    const again = await stage.sync();
    promise(again.exitCode === 0, 'the next run does not finish', `${stderr}\n--\n${again.stderr}\n${listFiles(stage.output).join('\n')}`);
    requireSameTables(readObjects(stage.output), expected);
    return exitCode === 0 ? 'published all the same' : 'stopped with 1, then published';
  },
};
