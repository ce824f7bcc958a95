import type { Instance } from './model.ts';

const oneSlice = [[0, 1]];
const twoSlices = [[0], [1]];
const quiet = { tables: 2, deaths: 0, lostAnswers: 0, failures: 0 };

/** Small worlds that together hold everything that can happen: whatever goes wrong in a large one goes wrong in a small one first. */
export const instances: Readonly<Record<string, Instance>> = {
  'one run that dies twice': { ...quiet, lists: [oneSlice], processes: 1, deaths: 2, lostAnswers: 1, failures: 1 },
  'one run over two slices': { ...quiet, lists: [twoSlices], processes: 1, deaths: 2, lostAnswers: 1 },
  'two runs': { ...quiet, tables: 1, lists: [oneSlice], processes: 2 },
  'two runs, a death': { ...quiet, lists: [[[0]]], processes: 2, deaths: 1, failures: 1 },
  'two runs, two lost answers': { ...quiet, tables: 1, lists: [[[0]]], processes: 2, lostAnswers: 2 },
  'two runs with other lists': { ...quiet, tables: 1, lists: [[[0]], [[1]]], processes: 2, deaths: 1 },
};

/** Larger ones, for the long mode: minutes each. */
export const largeInstances: Readonly<Record<string, Instance>> = {
  'three runs': { ...quiet, tables: 1, lists: [[[0]]], processes: 3 },
  'two runs, a failure': { ...quiet, lists: [oneSlice], processes: 2, failures: 1 },
  'two runs with lists of other lengths': { ...quiet, tables: 1, lists: [[[0]], [[0, 1]]], processes: 2, deaths: 1 },
};
