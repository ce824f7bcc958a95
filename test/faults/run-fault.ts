import { createDice } from './dice.ts';
import type { Fault, Trial } from './fault.ts';

/** What the trials of a fault came to. */
export type FaultReport = {
  readonly fault: Fault;
  readonly trials: number;
  /** How often what was seen. */
  readonly seen: ReadonlyMap<string, number>;
  readonly seconds: number;
  readonly searched: number;
};

/** Tells where a promise broke, and how to see it again. */
export class TrialFailed extends Error {
  override readonly name = 'TrialFailed';
  readonly fault: Fault;
  readonly trial: number;

  constructor(fault: Fault, trial: number, cause: unknown) {
    super(cause instanceof Error ? (cause.name === 'Broken' ? cause.message : (cause.stack ?? cause.message)) : String(cause), { cause });
    this.fault = fault;
    this.trial = trial;
  }
}

const longestTrialMs = 300_000;

/** Runs the trials of one fault, some side by side; the first that fails ends it. */
export async function runFault(
  fault: Fault,
  options: {
    readonly seed: number;
    readonly isLong: boolean;
    readonly only: number | undefined;
    readonly share: Trial['share'];
    readonly stop: AbortSignal;
  },
): Promise<FaultReport> {
  const of = options.isLong ? fault.trials.long : fault.trials.usual;
  const numbers = options.only === undefined ? Array.from({ length: of }, (_, number) => number) : [options.only];
  const seen = new Map<string, number>();
  let searched = 0;
  const startedAtMs = performance.now();

  const play = async (number: number): Promise<void> => {
    const ends: (() => Promise<void>)[] = [];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not end within ${longestTrialMs / 1000} s`)), longestTrialMs);
    });
    const trial: Trial = {
      number,
      of,
      dice: createDice(options.seed, fault.name, number),
      isLong: options.isLong,
      onTestFinished: (end) => ends.push(end),
      share: options.share,
      noteSearched: (characters) => {
        searched += characters;
      },
    };
    const failures: unknown[] = [];
    const note = (error: unknown): void => void failures.push(error);
    const told = await Promise.race([fault.run(trial), late]).catch(note);
    clearTimeout(timer);
    for (const end of ends.reverse()) await end().catch(note);
    if (failures.length > 0) throw new TrialFailed(fault, number, failures[0]);
    if (told !== undefined) seen.set(told, (seen.get(told) ?? 0) + 1);
  };
  let isOver = false;
  const waiting = numbers.values();
  const lanes = Array.from({ length: fault.atOnce ?? 3 }, async () => {
    for (const number of waiting) {
      if (isOver || options.stop.aborted) return;
      await play(number).catch((error) => {
        isOver = true;
        throw error;
      });
    }
  });
  const results = await Promise.allSettled(lanes);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return { fault, trials: numbers.length, seen, seconds: (performance.now() - startedAtMs) / 1000, searched };
}
