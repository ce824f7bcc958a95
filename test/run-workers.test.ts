import { describe, expect, test } from 'vitest';
import { runWorkers } from '../lambda/run-workers.ts';

const running = new AbortController().signal;

/** A feed of 0, 1, 2, …; `ended` tells whether it was let go. */
function feedOf(count: number) {
  const state = { fed: 0, ended: false };
  async function* feed(): AsyncGenerator<number> {
    try {
      for (; state.fed < count; ) yield state.fed++;
    } finally {
      state.ended = true;
    }
  }
  return { feed: feed(), state };
}

/** Work that is ended from outside, item by item. */
function createOpenWork() {
  const begun: number[] = [];
  const ends = new Map<number, (error?: Error) => void>();
  const helpers = new Map<number, () => void>();
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    begun,
    work: (item: number, addWorker: () => void) =>
      new Promise<void>((resolve, reject) => {
        begun.push(item);
        helpers.set(item, addWorker);
        ends.set(item, (error) => (error === undefined ? resolve() : reject(error)));
      }),
    end: async (item: number, error?: Error) => {
      ends.get(item)?.(error);
      await settled();
    },
    askForMore: async (item: number) => {
      helpers.get(item)?.();
      await settled();
    },
    settled,
  };
}

describe('workers', () => {
  test('take an item each, and the next when they are done with it', async () => {
    const { feed, state } = feedOf(5);
    const open = createOpenWork();
    const run = runWorkers(feed, { first: 2, most: 2 }, running, open.work);
    await open.settled();
    expect(open.begun).toEqual([0, 1]);
    await open.end(1);
    expect(open.begun).toEqual([0, 1, 2]);
    for (const item of [0, 2, 3, 4]) await open.end(item);
    await run;
    expect(open.begun).toEqual([0, 1, 2, 3, 4]);
    expect(state.ended).toBe(true);
  });

  test('become more where an item only waits, up to the most', async () => {
    const { feed } = feedOf(10);
    const open = createOpenWork();
    const run = runWorkers(feed, { first: 1, most: 3 }, running, open.work);
    await open.settled();
    expect(open.begun).toEqual([0]);
    await open.askForMore(0);
    expect(open.begun).toEqual([0, 1]);
    await open.askForMore(1);
    await open.askForMore(1);
    expect(open.begun).toEqual([0, 1, 2]);
    for (let item = 0; item < 10; item++) await open.end(item);
    await run;
    expect(open.begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('are waited for also where they came last', async () => {
    const { feed } = feedOf(2);
    const open = createOpenWork();
    let isOver = false;
    const run = runWorkers(feed, { first: 1, most: 2 }, running, open.work).then(() => {
      isOver = true;
    });
    await open.settled();
    await open.askForMore(0);
    await open.end(0);
    expect(isOver).toBe(false);
    await open.end(1);
    await run;
  });

  test('that fail end alone; the first failure is told once all have ended', async () => {
    const { feed, state } = feedOf(4);
    const open = createOpenWork();
    const run = runWorkers(feed, { first: 2, most: 2 }, running, open.work);
    const told = expect(run).rejects.toThrow('the first');
    await open.settled();
    await open.end(1, new Error('the first'));
    await open.end(0);
    expect(open.begun).toEqual([0, 1, 2]);
    await open.end(2, new Error('the second'));
    await told;
    expect(state).toEqual({ fed: 3, ended: true });
  });

  test('take nothing more once the signal is aborted', async () => {
    const controller = new AbortController();
    const { feed } = feedOf(100);
    const open = createOpenWork();
    const run = runWorkers(feed, { first: 2, most: 2 }, controller.signal, open.work);
    await open.settled();
    controller.abort();
    await open.end(0);
    await open.end(1);
    await run;
    expect(open.begun).toEqual([0, 1]);
  });
});
