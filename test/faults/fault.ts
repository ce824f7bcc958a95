import type { Dice } from './dice.ts';

/** A kind of fault: what is done to the program from outside, and what holds all the same. */
export type Fault = {
  /** How it is named in the report and on the command line. */
  readonly name: string;
  /** What holds in every trial, as a sentence of docs/reliability.md. */
  readonly promise: string;
  /** How many trials a usual run has, and one with `--long`. */
  readonly trials: { readonly usual: number; readonly long: number };
  /** How many trials run side by side; more where they mostly wait. @default 3 */
  readonly atOnce?: number;
  /** Whether trials mostly wait: such faults run beside the others. @default false */
  readonly waits?: boolean;
  /**
   * Plays one trial and tells in a few words what was seen.
   * @throws Broken where the promise does not hold
   */
  readonly run: (trial: Trial) => Promise<string>;
};

/** One trial: everything it does follows from seed and number, save what the machine decides. */
export type Trial = {
  /** From 0. */
  readonly number: number;
  /** How many trials of this fault there are in this run. */
  readonly of: number;
  readonly dice: Dice;
  readonly isLong: boolean;
  /** Called for everything that ends with the trial, last first. */
  readonly onTestFinished: (end: () => Promise<void>) => void;
  /** Makes what trials share, once; it ends with the suite. */
  readonly share: <T>(name: string, make: (onEnd: (end: () => Promise<void>) => void) => Promise<T>) => Promise<T>;
  /** Notes how many characters were searched for secrets. */
  readonly noteSearched: (characters: number) => void;
};

/** A promise that does not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** Fails the trial with what was seen where a promise does not hold. */
export function promise(holds: boolean, what: string, seen: unknown = ''): asserts holds {
  if (holds) return;
  const shown = typeof seen === 'string' ? seen : JSON.stringify(seen, undefined, 1);
  throw new Broken(shown === '' ? what : `${what}\n${shown.slice(0, 6000)}`);
}
