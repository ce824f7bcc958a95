import fc from 'fast-check';
import type { Times } from './scenario.ts';
import type { HistoryOutcome, HistorySnapshot } from './write-history.ts';

const outcome: fc.Arbitrary<HistoryOutcome> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('A', 'B').map((name) => ({ name })) },
  { weight: 2, arbitrary: fc.constant('not_found' as const) },
  { weight: 2, arbitrary: fc.constant('failed' as const) },
);

/** Histories of a few groups that come, go, fail and change their name; not all snapshots are full or published. */
export const randomHistory = (times: Times): fc.Arbitrary<HistorySnapshot[]> =>
  fc
    .array(
      fc.record({
        scope: fc.constantFrom('full', 'full', 'full', 'subset'),
        isPublished: fc.constantFrom(true, true, true, true, true, false),
        // A full snapshot in which nothing succeeds is never published: one target of it always does.
        outcomes: fc.dictionary(fc.constantFrom('p/g', 'p/h', 'p/i', 'q/g', 'q/h', 'r/g'), outcome, { minKeys: 1, noNullPrototype: true }),
        isSkipped: fc.constantFrom(true, false),
      }),
      { minLength: 1, maxLength: 10 },
    )
    .map((snapshots) =>
      snapshots.flatMap(({ isSkipped, outcomes, ...snapshot }, index): HistorySnapshot[] =>
        isSkipped
          ? []
          : [
              {
                ...snapshot,
                outcomes: { ...outcomes, 'p/always': { name: 'A' } },
                atMs: times.ms(Math.floor(index / 2) - 8, 6 + (index % 2) * 6),
              },
            ],
      ),
    ) as fc.Arbitrary<HistorySnapshot[]>;
