import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Exploration, explore } from './explore.ts';
import type { Instance } from './model.ts';

/** Explores an instance in a thread of its own: it takes seconds without a pause. */
export const exploreInWorker = (instance: Instance): Promise<Exploration> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: instance, resourceLimits: { maxOldGenerationSizeMb: 4096 } });
    worker.once('message', resolve);
    worker.once('error', reject);
  });

if (!isMainThread) parentPort?.postMessage(explore(workerData as Instance));
