/**
 * Maps items in order, with up to `ahead` of them under way at once.
 * @throws what mapping an item threw, when its turn comes
 */
export async function* prefetch<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  ahead: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for await (const item of items) {
    const mapped = map(item);
    // A failure is met in its turn; until then it must not count as unhandled.
    mapped.catch(() => {});
    underWay.push(mapped);
    if (underWay.length >= ahead) yield underWay.shift() as Promise<R>;
  }
  for (const mapped of underWay) yield mapped;
}
