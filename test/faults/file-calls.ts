import { writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { createPower } from './power.ts';

// Loaded with `--import` before the command line: counts every call that changes the file system below FAULT_ROOT, and at the FAULT_CALL-th
// (from 1) ends the process, before or after the call or in the middle of a write, or cuts the power, or lets the call fail with the error code
// FAULT_DO, once or for ever; where the process ends by itself before that call, the power is cut at its end. How many calls there were is
// written to FAULT_COUNT when the process ends by itself.
const {
  FAULT_ROOT: root = '/',
  FAULT_CALL: at = '0',
  FAULT_DO: what = '',
  FAULT_FOREVER: forever = '',
  FAULT_COUNT: countFile,
} = process.env;
type Call = (...args: unknown[]) => Promise<unknown>;
let calls = 0;
const power = createPower(root);

function die(): Promise<never> {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

function failure(name: string): Error {
  return Object.assign(new Error(`${what}: simulated, ${name}`), { code: what });
}

async function count(name: string, call: () => Promise<unknown>, half?: () => Promise<unknown>): Promise<unknown> {
  const nth = ++calls;
  const strikes = nth === Number(at) || (forever !== '' && nth > Number(at));
  if (!strikes) return call();
  if (what.startsWith('power')) {
    power.cut(what === 'power-cut');
    return die();
  }
  if (what === 'kill-before') return die();
  if (what === 'kill-after') {
    await call();
    return die();
  }
  if (what === 'kill-within') {
    await (half ?? call)();
    return die();
  }
  // A disk that is full takes what still fits.
  if (half !== undefined) await half();
  throw failure(name);
}

function watchFile(file: FileHandle, path: string): FileHandle {
  const { writeFile, sync } = file;
  const half = (content: unknown) => async () => {
    if (content instanceof Uint8Array) await writeFile.call(file, content.subarray(0, content.length >> 1));
    else for await (const chunk of content as AsyncIterable<Uint8Array>) return writeFile.call(file, chunk.subarray(0, chunk.length >> 1));
  };
  return Object.assign(file, {
    writeFile: (content: never) => count('writeFile', () => writeFile.call(file, content), half(content)),
    sync: () => count('fsync', () => sync.call(file).then(() => power.synced(path))),
  });
}

const files = process.getBuiltinModule('node:fs/promises') as unknown as Record<string, Call>;
const isBelow = (path: unknown): boolean => String(path).startsWith(root);
for (const name of ['mkdir', 'link', 'rename', 'rm', 'unlink']) {
  const original = files[name] as Call;
  files[name] = async (...args) => {
    if (!isBelow(args[0])) return original(...args);
    const result = await count(name, () => original(...args));
    if (name === 'link' || name === 'rename') power.linked(String(args[0]), String(args[1]));
    if (name !== 'rm' && name !== 'unlink') power.named(String(args[name === 'mkdir' ? 0 : 1]));
    return result;
  };
}
const open = files['open'] as Call;
files['open'] = async (...args) => {
  if (!isBelow(args[0])) return open(...args);
  if (args[1] !== 'wx') return watchFile((await open(...args)) as FileHandle, String(args[0]));
  const opened = await count('open', () => open(...args));
  power.named(String(args[0]));
  power.written(String(args[0]));
  return watchFile(opened as FileHandle, String(args[0]));
};
syncBuiltinESMExports();
if (what.startsWith('power')) process.on('exit', () => power.cut(what === 'power-cut'));
if (countFile !== undefined) process.on('exit', () => writeFileSync(countFile, String(calls)));
