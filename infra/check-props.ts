import type { Construct } from 'constructs';

/** What may be wrong with a prop: its name, the value got and, unless it is fine, the rule. */
export type PropCheck = readonly [name: string, value: unknown, problem: string | undefined];

/**
 * Fails on all wrong props of a construct at once.
 * @throws Error with a line a prop: name, value got, rule
 */
export function checkProps(scope: Construct, checks: readonly PropCheck[]): void {
  const lines = checks.flatMap(([name, value, problem]) =>
    problem === undefined ? [] : [`${name} is ${JSON.stringify(value)}; it ${problem}`],
  );
  if (lines.length > 0) throw new Error(`${scope.node.path}:\n  ${lines.join('\n  ')}`);
}

/** The rule for a whole number; undefined for a number that keeps it, and for none. */
export function wholeNumberProblem(value: number | undefined, min: number, max: number): string | undefined {
  const isFine = value === undefined || (Number.isInteger(value) && value >= min && value <= max);
  return isFine ? undefined : `must be a whole number from ${min} to ${max}`;
}
