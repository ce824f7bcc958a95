import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { commitObject, partsPrefix, planObject, readPartObject, type Snapshot, sealObject } from '../../lambda/contract/objects.ts';
import { dataTableNames } from '../../lambda/contract/tables.ts';
import type { Output } from '../../lambda/output/output.ts';
import { startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { createMemoryOutput } from '../memory-output.ts';
import { presentSnapshot, runSync } from '../run-sync.ts';
import { follow, type Observed } from './follow.ts';
import type { Instance } from './model.ts';

const groups = 2;
const server = await startLaunchDarkly({ world: createWorld({ projects: { demo: groups } }), latencyMs: 1 });
afterAll(() => server.close());
const keys = [...server.world.keys('demo')].sort();
const instance = (processes: number): Instance => ({
  lists: [[[0, 1]]],
  processes,
  tables: dataTableNames.length,
  deaths: 0,
  lostAnswers: 0,
  failures: 0,
});

/** The words of the model for an operation on an object; undefined for reading what never changes. */
function nameOf(snapshot: Snapshot, object: string): string | undefined {
  const part = readPartObject(snapshot, object);
  const table = dataTableNames.findIndex((name) => object.startsWith(`tables/${name}/`));
  if (part !== undefined) return `${part.slice}-${part.part}`;
  if (table >= 0) return `table ${table}`;
  return { [planObject(snapshot)]: 'plan', [sealObject(snapshot)]: 'seal', [commitObject(snapshot)]: 'commit' }[object];
}

/** A run's own view of an output that it shares, which notes what it does in the order in which that takes effect. */
function watch(shared: Output, by: number, snapshot: Snapshot, log: Observed[]): Output {
  const note = (label: string): void => void log.push({ by, label });
  return {
    ...shared,
    get: async (object) => {
      const content = await shared.get(object);
      const name = nameOf(snapshot, object);
      if (name === 'plan' || name === 'seal' || name === 'commit') note(`get ${name}: ${content === undefined ? 'none' : 'there'}`);
      return content;
    },
    create: async (object, content) => {
      const bytes = content instanceof Uint8Array ? content : await buffer(content);
      const result = await shared.create(object, bytes);
      note(`create ${nameOf(snapshot, object)}: ${result}`);
      return result;
    },
    list: async (prefix, startAfter) => {
      const objects = await shared.list(prefix, startAfter);
      if (prefix === partsPrefix(snapshot)) note('list parts');
      return objects;
    },
  };
}

/** What the code reads once more than the model: who loses a create reads what is there. */
function withoutReReading(log: readonly Observed[]): Observed[] {
  return log.filter(({ by, label }, index) => {
    const before = log.slice(0, index).findLast((other) => other.by === by)?.label;
    return (
      !(label === 'get plan: there' && before === 'create plan: exists') &&
      !(label === 'get seal: there' && before === 'create seal: exists')
    );
  });
}

async function runTogether(processes: number): Promise<Observed[]> {
  const snapshot = presentSnapshot();
  const shared = createMemoryOutput();
  const log: Observed[] = [];
  await Promise.all(
    Array.from({ length: processes }, (_, by) =>
      runSync(server, watch(shared, by, snapshot, log), {
        snapshot,
        runId: `run-${by}`,
        onEvent: (event) => {
          if (event.kind === 'outcome') log.push({ by, label: `ask ${keys.indexOf(event.line.metric_group_key)}` });
        },
      }),
    ),
  );
  return withoutReReading(log);
}

describe('the code takes the steps of the model', () => {
  test.each([1, 2, 3])('%d at once', async (processes) => {
    for (let times = 0; times < (processes === 3 ? 2 : 5); times++)
      expect(follow(instance(processes), await runTogether(processes))).toBeUndefined();
  });

  test('and a log that is none of the model’s paths is found', async () => {
    const log = await runTogether(1);
    const sealed = log.findIndex(({ label }) => label.startsWith('create seal'));
    const swapped = log.with(sealed, log[sealed - 1] as Observed).with(sealed - 1, log[sealed] as Observed);
    expect(follow(instance(1), swapped)).toContain('create seal: created');
    expect(follow(instance(1), log.slice(0, -1))).toContain('no run of the model is done');
  });
});
