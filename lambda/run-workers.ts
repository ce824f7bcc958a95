/** How many workers there are. */
export type WorkerCount = {
  /** At the start. */
  readonly first: number;
  /** After one more was asked for often enough. */
  readonly most: number;
};

/**
 * How many workers ask over so many slots. A few more at first, so that the next item is there when a slot is free, and not many: what waits
 * long is old by V8's measure, and holds what it is answered until the next full collection. What backs off holds no slot, and another takes
 * its turn.
 */
export const workersFor = (slots: number): WorkerCount => ({ first: Math.ceil(slots * 1.25), most: slots * 4 });

/**
 * Lets several workers take items from one feed as they get to them, so that no more are held than are worked on. A worker that fails ends
 * its own loop; the others go on until they fail, the feed ends, or the signal is aborted.
 * @param work Works on an item; `addWorker` asks for one more worker, where this item only waits.
 * @throws the first failure, once all workers have ended
 */
export async function runWorkers<T>(
  feed: AsyncGenerator<T>,
  count: WorkerCount,
  signal: AbortSignal,
  work: (item: T, addWorker: () => void) => Promise<void>,
): Promise<void> {
  const workers: Promise<void>[] = [];
  const failures: unknown[] = [];
  const addWorker = (): void => {
    if (workers.length < count.most) workers.push(run().catch((error) => void failures.push(error)));
  };
  const run = async (): Promise<void> => {
    // Not `for await`: leaving it would end the feed for all workers.
    for (let next = await feed.next(); !next.done && !signal.aborted; next = await feed.next()) await work(next.value, addWorker);
  };
  while (workers.length < count.first) addWorker();
  // The list may grow while it is gone through, and only before its last worker ended: whoever adds one has not ended.
  for (const worker of workers) await worker;
  await feed.return(undefined);
  if (failures.length > 0) throw failures[0];
}
