import { mix, seedOf } from '../launchdarkly/seeded-numbers.ts';

/** Random choices that a seed repeats. */
export type Dice = {
  /** A whole number from 0 up to `below`, exclusive. */
  whole(below: number): number;
  /** A member of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** True that often, from 0 to 1. */
  chance(share: number): boolean;
};

/** Makes the dice of one trial. */
export function createDice(seed: number, name: string, trial: number): Dice {
  const own = seedOf(`${name} ${trial}`, seed);
  let throws = 0;
  const whole = (below: number): number => mix(own, throws++) % below;
  return {
    whole,
    pick: (list) => {
      const picked = list[whole(list.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
    chance: (share) => whole(1_000_000) < share * 1_000_000,
  };
}

/** One of `count` places for each of `of` trials, spread evenly: as many trials as places visit all. */
export const spread = (trial: number, of: number, count: number): number => Math.floor((trial * count) / of) % count;
