import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningCli } from '../end-to-end/run-cli.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { spread } from './dice.ts';
import type { Fault } from './fault.ts';
import { createStage, requireRecovery, usualWorld } from './stage.ts';

const requestsOfARun = 113;

/** kill -9 at a request to LaunchDarkly, up to four runs in a row. */
export const deathAtARequest: Fault = {
  name: 'kill -9 at a request to LaunchDarkly',
  promise: 'As above, however many runs in a row are killed.',
  trials: { usual: 20, long: 800 },
  run: async (trial) => {
    const details = trial.dice.pick(['keep', 'hash', 'omit'] as const);
    const expected = await undisturbed(trial, details, usualWorld);
    const stage = await createStage(trial, { details, latencyMs: 2 });
    const runs = 1 + trial.dice.whole(4);
    for (let run = 0; run < runs; run++) {
      const at = run === 0 ? spread(trial.number, trial.of, requestsOfARun) : trial.dice.whole(requestsOfARun);
      let running: RunningCli | undefined;
      stage.launchDarkly.setFaults([
        {
          match: ({ total }) => {
            if (total === at) running?.kill('SIGKILL');
            return false;
          },
          change: 'delay',
          ms: 0,
        },
      ]);
      running = stage.startSync();
      await running.ended;
    }
    stage.launchDarkly.setFaults([]);
    await requireRecovery(stage, expected, requireSameTables);
    return `${runs} killed, then published`;
  },
};

/** kill -9 after a random time. */
export const deathAtRandom: Fault = {
  name: 'kill -9 at a random time',
  promise: 'As above.',
  trials: { usual: 20, long: 1500 },
  run: async (trial) => {
    const place = trial.dice.pick(['disk', 'disk', 's3'] as const);
    const expected = await undisturbed(trial);
    const stage = await createStage(trial, { place, latencyMs: 1 + trial.dice.whole(12) });
    const running = stage.startSync();
    await Promise.race([sleep(200 + trial.dice.whole(place === 's3' ? 1800 : 900)), running.ended]);
    running.kill('SIGKILL');
    const { exitCode } = await running.ended;
    await requireRecovery(stage, expected, requireSameTables);
    return exitCode === null ? `killed (${place}), then published` : `ended before (${place})`;
  },
};
