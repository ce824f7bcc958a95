import { setTimeout as sleep } from 'node:timers/promises';
import { readTable } from '../end-to-end/read-output.ts';
import { groupsAsked } from '../end-to-end/scene.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { type Fault, promise } from './fault.ts';
import { createStage, type Place, readObjects, requireRecovery } from './stage.ts';

/** Two or three processes for one snapshot, begun at random offsets; some are killed. */
const atOnce = (place: Place, trials: Fault['trials']): Fault => ({
  name: `two or three runs at once, ${place === 'disk' ? 'on disk' : 'in S3'}`,
  promise:
    'One plan, one seal, one commit, which every run that was not killed prints and ends with 0; the rows are those of a run alone; each group is asked for at most once a run.',
  trials,
  atOnce: 2,
  run: async (trial) => {
    const { dice } = trial;
    const expected = await undisturbed(trial);
    const stage = await createStage(trial, { place, latencyMs: dice.whole(6) });
    const count = 2 + dice.whole(2);
    const victim = dice.chance(0.3) ? dice.whole(count) : -1;
    const runs = Array.from({ length: count }, async (_, index) => {
      // The first 300 ms of a process ask for nothing: offsets within that order the first steps, longer ones let one run find what another left.
      await sleep(dice.chance(0.5) ? dice.whole(60) : dice.whole(500));
      const running = stage.startSync();
      if (index === victim) {
        await Promise.race([sleep(300 + dice.whole(600)), running.ended]);
        running.kill('SIGKILL');
      }
      return running.ended;
    });
    const ended = (await Promise.all(runs)).filter((_, index) => index !== victim);
    for (const { exitCode, stderr } of ended) promise(exitCode === 0, 'a run beside another does not end with 0', stderr);
    const asked = groupsAsked(stage.launchDarkly);
    const most = Math.max(...[...Map.groupBy(asked, (name) => name).values()].map((times) => times.length));
    promise(most <= count, `a group was asked for ${most} times by ${count} runs`);
    requireSameTables(readObjects(stage.directory), expected);
    const [commit] = readTable(stage.directory, 'sync_snapshots');
    for (const { stdout } of ended) {
      const { alreadyPublished: _, ...row } = JSON.parse(stdout) as Record<string, unknown>;
      promise(JSON.stringify(row) === JSON.stringify(commit), 'a run prints another row than the commit', { row, commit });
    }
    await requireRecovery(stage, expected, requireSameTables);
    return `${count} runs${victim < 0 ? '' : ', one killed'}: all published the same`;
  },
});

/** Runs at once on disk. */
export const atOnceOnDisk = atOnce('disk', { usual: 10, long: 600 });
/** Runs at once in S3. */
export const atOnceInS3 = atOnce('s3', { usual: 6, long: 400 });
