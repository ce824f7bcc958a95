import { isAnswer, type PartLine, type PlannedTarget, targetKey } from '../contract/raw.ts';

/** The outcome that counts for each target of a slice, and what all its lines add up to. */
export type SettledSlice = {
  readonly outcomes: readonly { readonly target: PlannedTarget; readonly line: PartLine }[];
  readonly requests: number;
  readonly retries: number;
  readonly rateLimited: number;
};

/**
 * Settles a slice: of a target the first answer in the order of part names counts, else the last outcome.
 * @param lines The lines of the slice's sealed parts, in the order of part names.
 */
export function settleSlice(targets: readonly PlannedTarget[], lines: readonly PartLine[]): SettledSlice {
  const counting = new Map<string, PartLine>();
  let requests = 0;
  let retries = 0;
  let rateLimited = 0;
  for (const line of lines) {
    requests += line.attempts;
    retries += Math.max(line.attempts - 1, 0);
    rateLimited += line.rate_limited_count;
    const key = targetKey(line);
    const before = counting.get(key);
    if (before === undefined || !isAnswer(before.status)) counting.set(key, line);
  }
  const outcomes = targets.flatMap((target) => {
    const line = counting.get(targetKey(target));
    return line === undefined ? [] : [{ target, line }];
  });
  return { outcomes, requests, retries, rateLimited };
}
