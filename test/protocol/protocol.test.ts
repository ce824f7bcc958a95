import { describe, expect, test } from 'vitest';
import { explore } from './explore.ts';
import { instances } from './instances.ts';
import type { Break } from './model.ts';

/** These have most states of all: `npm run test:faults` explores them. */
const large: readonly string[] = ['two runs, a death', 'two runs with other lists'];
const explored = Object.entries(instances).filter(([name]) => !large.includes(name));

describe('the protocol', () => {
  test.each(explored)(
    'holds every promise in every order of steps: %s',
    (_name, instance) => {
      const { broken, states } = explore(instance);
      expect(broken).toBeUndefined();
      expect(states).toBeGreaterThan(1_000);
    },
    120_000,
  );

  test.each<[Break, keyof typeof instances, RegExp]>([
    ['seals without listing again', 'two runs', /a part that stood before the seal does not count/],
    ['puts over what is there', 'two runs', /was there and is another/],
    ['takes an own object for a foreign one', 'one run over two slices', /own object counts as foreign/],
    ['follows its own plan', 'two runs with other lists', /not in its slice of the plan/],
    ['makes tables of the parts it knows', 'one run that dies twice', /a table is not what/],
    ['commits before the tables', 'one run over two slices', /a commit before all tables/],
    ['asks for what parts hold', 'one run over two slices', /is asked again/],
    ['seals without every outcome', 'one run over two slices', /has no outcome/],
    ['overwrites a part', 'one run that dies twice', /was there and is another/],
    ['looks for the plan once', 'two runs', /a table is not what/],
  ])(
    'is seen to break where a run %s',
    (broken, instance, promise) => {
      expect(explore(instances[instance] as never, broken).broken?.promise).toMatch(promise);
    },
    120_000,
  );
});
