import { isDeepStrictEqual } from 'node:util';
import type { MaintainerDetails } from '../../lambda/contract/raw.ts';
import { requireContract } from '../end-to-end/scene.ts';
import type { WorldOptions } from '../launchdarkly/world.ts';
import { tablesOf } from '../run-sync.ts';
import { promise, type Trial } from './fault.ts';
import { createStage, readObjects, usualWorld } from './stage.ts';

/** The objects of an undisturbed run of the same answers, made once. */
export const undisturbed = (
  trial: Trial,
  details: MaintainerDetails = 'keep',
  world: WorldOptions = usualWorld,
): Promise<ReadonlyMap<string, Buffer>> =>
  trial.share(`undisturbed ${details} ${JSON.stringify(world)}`, async (onEnd) => {
    const stage = await createStage({ ...trial, onTestFinished: onEnd }, { details, world });
    const { exitCode, stderr } = await stage.sync();
    promise(exitCode === 0, 'an undisturbed run fails', stderr);
    await requireContract(stage.directory);
    return readObjects(stage.directory);
  });

/** One plan, one seal and one commit, and the rows of an undisturbed run in the same objects, but for what tells time and requests. */
export function requireSameTables(objects: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>): void {
  const names = [...objects.keys()];
  for (const once of [/\/plan\.jsonl\.gz$/, /\/seal\.json\.gz$/, /^tables\/sync_snapshots\//]) {
    promise(names.filter((name) => once.test(name)).length === 1, `not one object ${once}`, names);
  }
  const [got, wanted] = [tablesOf(objects), tablesOf(expected)];
  for (const object of new Set([...Object.keys(wanted), ...Object.keys(got)])) {
    promise(isDeepStrictEqual(got[object], wanted[object]), `${object} differs from that of an undisturbed run`, {
      got: got[object]?.slice(0, 3),
      wanted: wanted[object]?.slice(0, 3),
    });
  }
}
