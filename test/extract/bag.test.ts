import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBag } from '../../lambda/extract/bag.ts';

test('a bag holds what was added and not taken out, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 }), { maxLength: 60 }), (steps) => {
      const bag = createBag<number>();
      const held = new Map<number, () => void>();
      steps.forEach((which, item) => {
        // Every third step takes one out, some of them a second time.
        const [taken, takeOut] = [...held][which] ?? [];
        if (item % 3 !== 2 || takeOut === undefined) held.set(item, bag.add(item));
        else {
          takeOut();
          takeOut();
          held.delete(taken as number);
        }
      });
      expect([...bag.items()].sort((a, b) => a - b)).toEqual([...held.keys()]);
    }),
  );
});
