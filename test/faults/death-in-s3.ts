import type { S3Fault } from '../aws/s3-server.ts';
import type { RunningCli } from '../end-to-end/run-cli.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { spread } from './dice.ts';
import { type Fault, promise, type Trial } from './fault.ts';
import { createStage, requireRecovery } from './stage.ts';

const countRequests = (trial: Trial): Promise<number> =>
  trial.share('S3 requests', async (onEnd) => {
    const stage = await createStage({ ...trial, onTestFinished: onEnd }, { place: 's3' });
    const { exitCode, stderr } = await stage.sync();
    promise(exitCode === 0, 'an undisturbed run fails', stderr);
    return stage.s3.requests.length;
  });

/** kill -9 at each request to S3, before it takes effect or after it did and before it is answered. */
export const deathInS3: Fault = {
  name: 'kill -9 at a request to S3',
  promise: 'As on disk; an object whose answer nobody heard counts like any other.',
  trials: { usual: 40, long: 600 },
  run: async (trial) => {
    const [expected, requests] = await Promise.all([undisturbed(trial), countRequests(trial)]);
    const place = spread(trial.number, trial.of, requests * 2);
    const effect = place % 2 === 0 ? 'reset-before' : 'reset-after';
    const stage = await createStage(trial, { place: 's3' });
    let running: RunningCli | undefined;
    const killAt = (nth: number): S3Fault => {
      let seen = 0;
      const match = (): boolean => {
        if (seen++ !== nth) return false;
        running?.kill('SIGKILL');
        return true;
      };
      return { match, effect };
    };
    stage.s3.faults = [killAt(Math.floor(place / 2))];
    running = stage.startSync();
    const killed = await running.ended;
    promise(killed.exitCode === null || killed.exitCode === 0, 'a run that was to be killed failed', killed.stderr);
    stage.s3.faults = [];
    await requireRecovery(stage, expected, requireSameTables);
    return killed.exitCode === null
      ? `killed ${effect === 'reset-before' ? 'before' : 'after'} the effect, then published`
      : 'ended before';
  },
};
