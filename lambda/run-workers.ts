/**
 * Lets several workers take items from one feed as they get to them, so that no more are held than are worked on. A worker that fails ends
 * its own loop; the others go on until they fail, the feed ends, or the signal is aborted.
 * @throws the first failure, once all workers have ended
 */
export async function runWorkers<T>(
  feed: AsyncGenerator<T>,
  workers: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const run = async (): Promise<void> => {
    // Not `for await`: leaving it would end the feed for all workers.
    for (let next = await feed.next(); !next.done && !signal.aborted; next = await feed.next()) await work(next.value);
  };
  const ended = await Promise.allSettled(Array.from({ length: workers }, run));
  await feed.return(undefined);
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
