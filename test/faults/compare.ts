import { gunzipSync } from 'node:zlib';
import type { MaintainerDetails } from '../../lambda/contract/raw.ts';
import { requireContract } from '../end-to-end/scene.ts';
import type { WorldOptions } from '../launchdarkly/world.ts';
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

/** What tells of time and requests, and so is another in each run. */
const varying =
  /"(extracted_at|duration_ms|started_at|finished_at|run_id|requests_total|retries_total|rate_limited_total|rate_limited_count|attempts)":(?:"[^"]*"|\d+)/g;

/** The lines of all tables by object, byte by byte but for what varies. */
function linesOf(objects: ReadonlyMap<string, Buffer>, except: string | undefined): Map<string, string[]> {
  const tables = [...objects].filter(
    ([object]) => object.startsWith('tables/') && (except === undefined || !object.includes('/sync_snapshots/')),
  );
  const isOfOthers = (line: string): boolean => except === undefined || JSON.parse(line)['metric_group_key'] !== except;
  const lines = (content: Buffer): string[] =>
    gunzipSync(content)
      .toString('utf8')
      .split(/(?<=\n)/)
      .filter(isOfOthers);
  return new Map(tables.map(([object, content]) => [object, lines(content).map((line) => line.replaceAll(varying, '"$1":…'))]));
}

/**
 * One plan, one seal and one commit, and the lines of an undisturbed run in the same objects, but for what tells of time and requests.
 * @param except A group whose rows may be others, and with them the counts of the commit.
 */
export function requireSameTables(objects: ReadonlyMap<string, Buffer>, expected: ReadonlyMap<string, Buffer>, except?: string): void {
  const names = [...objects.keys()];
  for (const once of [/\/plan\.jsonl\.gz$/, /\/seal\.json\.gz$/, /^tables\/sync_snapshots\//]) {
    promise(names.filter((name) => once.test(name)).length === 1, `not one object ${once}`, names);
  }
  const [got, wanted] = [linesOf(objects, except), linesOf(expected, except)];
  for (const object of new Set([...wanted.keys(), ...got.keys()])) {
    const [ours, theirs] = [got.get(object) ?? [], wanted.get(object) ?? []];
    const at = Math.max(
      theirs.findIndex((line, index) => ours[index] !== line),
      ours.length > theirs.length ? theirs.length : -1,
    );
    const isSame = at < 0 && got.has(object) && wanted.has(object);
    promise(isSame, `${object} differs from that of an undisturbed run`, { got: ours[at], wanted: theirs[at] });
  }
}
