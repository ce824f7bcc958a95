/** The number to reach. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

/** One measured number, beside what the plain way gives. */
export type Figure = {
  readonly name: string;
  readonly sync: number;
  readonly plain?: number | undefined;
  readonly bound?: Bound;
  /** @default 0 */
  readonly digits?: number;
};

/** What one scenario found. */
export type Findings = {
  readonly title: string;
  readonly figures: readonly Figure[] /** Lines below the figures. */;
  readonly notes?: readonly string[];
};

/** Writes findings as a table of text. */
export function describeFindings({ title, figures, notes = [] }: Findings): string {
  const rows = figures.map(({ name, sync, plain, bound, digits = 0 }) => [
    name,
    bound === undefined ? '' : describeBound(bound, digits),
    formatNumber(sync, digits),
    plain === undefined ? '' : formatNumber(plain, digits),
    plain === undefined || plain === 0 ? '' : formatNumber(sync / plain, 2),
    bound === undefined || isReached(sync, bound) ? '' : 'MISSED',
  ]);
  const table = [['', 'target', 'sync', 'plain', 'ratio', ''], ...rows];
  const widths = [46, 10, 10, 10, 8, 8];
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(''),
  );
  return `${title}\n${[...lines, ...notes].map((line) => `  ${line.trimEnd()}`).join('\n')}\n`;
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const formatNumber = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const describeBound = (bound: Bound, digits: number): string =>
  'atLeast' in bound ? `≥ ${formatNumber(bound.atLeast, digits)}` : `≤ ${formatNumber(bound.atMost, digits)}`;

const isReached = (value: number, bound: Bound): boolean => ('atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost);
