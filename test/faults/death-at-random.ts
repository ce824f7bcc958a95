import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningCli } from '../end-to-end/run-cli.ts';
import { groupsAsked } from '../end-to-end/scene.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { spread } from './dice.ts';
import { type Fault, promise } from './fault.ts';
import { answeredTargets, createStage, requireRecovery, usualWorld } from './stage.ts';

const requestsOfARun = 113;

/** kill -9 or a signal to stop at a request to LaunchDarkly, up to four runs in a row: who is told to stop keeps what it was answered. */
export const deathAtARequest: Fault = {
  name: 'kill -9 at a request to LaunchDarkly',
  promise:
    'As above, however many runs in a row are killed; one that is told to stop (SIGTERM) ends with 143 and keeps what it was answered.',
  trials: { usual: 20, long: 800 },
  run: async (trial) => {
    const details = trial.dice.pick(['keep', 'hash', 'omit'] as const);
    const expected = await undisturbed(trial, details, usualWorld);
    const stage = await createStage(trial, { details, latencyMs: 2 });
    const runs = 1 + trial.dice.whole(4);
    for (let run = 0; run < runs; run++) {
      const kept = answeredTargets(stage.directory);
      const asked = stage.launchDarkly.requests.length;
      const left = requestsOfARun - kept.size;
      const at = run === 0 ? spread(trial.number, trial.of, left) : trial.dice.whole(left);
      const signal = trial.dice.chance(0.6) ? 'SIGTERM' : 'SIGKILL';
      let running: RunningCli | undefined;
      stage.launchDarkly.setFaults([
        {
          match: ({ total }) => {
            if (total === at) running?.kill(signal);
            return false;
          },
          change: 'delay',
          ms: 0,
        },
      ]);
      running = stage.startSync();
      const { exitCode, stderr } = await running.ended;
      const isInOrder = exitCode === null || exitCode === 0 || (signal === 'SIGTERM' && exitCode === 143 && stderr.includes('SIGTERM'));
      promise(isInOrder, `${signal} at request ${at}: exit code ${exitCode}`, stderr);
      const askedTwice = groupsAsked(stage.launchDarkly, asked).filter((name) => kept.has(name));
      promise(askedTwice.length === 0, `run ${run} asks for what was answered and kept`, askedTwice);
    }
    const kept = answeredTargets(stage.directory).size;
    stage.launchDarkly.setFaults([]);
    await requireRecovery(stage, expected, requireSameTables);
    return `${kept === 0 ? 'nothing' : kept < 110 ? 'some answers' : 'all answers'} kept, then published`;
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
