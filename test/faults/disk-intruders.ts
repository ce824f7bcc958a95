import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { commitObject, partObject, planObject, type Snapshot, sealObject, snapshotAt, tableObject } from '../../lambda/contract/objects.ts';
import { requireSameTables, undisturbed } from './compare.ts';
import { type Fault, promise } from './fault.ts';
import { createStage, requireRecovery } from './stage.ts';

const objects: readonly ((snapshot: Snapshot) => string)[] = [
  planObject,
  (snapshot) => partObject(snapshot, '00000-00000'),
  (snapshot) => partObject(snapshot, '00001-00000'),
  sealObject,
  commitObject,
];
const folders: readonly ((snapshot: Snapshot) => string)[] = [
  () => 'raw',
  (snapshot) => dirname(planObject(snapshot)),
  (snapshot) => dirname(partObject(snapshot, '00000-00000')),
  () => 'tables',
  (snapshot) => dirname(tableObject('metric_groups', snapshot, 0)),
  (snapshot) => dirname(commitObject(snapshot)),
];
const contents: Readonly<Record<string, Buffer | 'folder'>> = {
  'an empty file': Buffer.alloc(0),
  'a text': Buffer.from('not yours'),
  'half a gzip': gzipSync('{"format":1}\n'.repeat(99)).subarray(0, 30),
  'a gzip of something else': gzipSync('{"hello":"world"}\n'),
  'a gzip of nulls': gzipSync('null\n'),
  'a folder': 'folder',
};

/** Somebody else's file or folder under the name of an object, or a file where a folder must be. */
export const diskIntruders: Fault = {
  name: 'a foreign file in the way',
  promise: 'The run ends with 1, names the file and leaves it as it is; once it is moved away, the next run finishes.',
  trials: { usual: 16, long: 400 },
  run: async (trial) => {
    const { dice } = trial;
    const expected = await undisturbed(trial);
    const stage = await createStage(trial);
    const snapshot = snapshotAt(Date.parse(stage.instant));
    const isInFolder = dice.chance(0.3);
    const object = (isInFolder ? dice.pick(folders) : dice.pick(objects))(snapshot);
    const [what, content] = isInFolder ? (['a file for a folder', Buffer.from('not yours')] as const) : dice.pick(Object.entries(contents));
    const path = join(stage.output, object);
    mkdirSync(dirname(path), { recursive: true });
    if (content === 'folder') mkdirSync(join(path, 'below'), { recursive: true });
    else writeFileSync(path, content);
    const { exitCode, stdout, stderr } = await stage.sync();
    promise(exitCode === 1 && stdout === '', `${what} at ${object}: exit code ${exitCode}`, stderr);
    const isTold = stderr.includes(object) && !stderr.includes('unexpected error');
    promise(isTold, `${what} at ${object}: the run does not name it`, stderr);
    const isUntouched = content === 'folder' ? statSync(join(path, 'below')).isDirectory() : readFileSync(path).equals(content);
    promise(isUntouched, `${what} at ${object} was changed`);
    rmSync(path, { recursive: true });
    await requireRecovery(stage, expected, requireSameTables);
    return 'stopped with 1 and its name, then published';
  },
};
