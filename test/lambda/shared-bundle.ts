import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The folder of the one bundle of a test run: made by the worker that asks first, which alone loads CDK for it; the others wait. */
export async function sharedBundle(): Promise<string> {
  const outdir = join(tmpdir(), 'handler-bundle');
  const made = `${outdir}.made`;
  if (isFirst(outdir)) {
    const { bundleHandler } = await import('./bundle-handler.ts');
    writeFileSync(`${made}.tmp`, bundleHandler(outdir));
    renameSync(`${made}.tmp`, made);
  }
  while (!existsSync(made)) await sleep(50);
  return readFileSync(made, 'utf8');
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}
