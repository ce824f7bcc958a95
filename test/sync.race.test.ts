import { afterAll, expect, test } from 'vitest';
import { planObject } from '../lambda/contract/objects.ts';
import { startLaunchDarkly } from './launchdarkly/server.ts';
import { createWorld } from './launchdarkly/world.ts';
import { createMemoryOutput } from './memory-output.ts';
import { presentSnapshot, runSync } from './run-sync.ts';

const server = await startLaunchDarkly({ world: createWorld({ projects: { demo: 3 } }) });
afterAll(() => server.close());

test('a run that looked for the plan before another wrote it, and for the seal after that, finishes with the plan', async () => {
  const snapshot = presentSnapshot();
  const output = createMemoryOutput();
  const { get } = output;
  let isFirst = true;
  const late = Object.assign(createMemoryOutput(output.objects), {
    get: async (object: string) => {
      if (object !== planObject(snapshot) || !isFirst) {
        const content = await get(object);
        // Sealed and not committed: the other run is at its tables.
        return object.includes('sync_snapshots') ? undefined : content;
      }
      isFirst = false;
      await runSync(server, output, { snapshot });
      return undefined;
    },
  });
  const asked = server.requests.length;
  const { row } = await runSync(server, late, { snapshot, runId: 'run-2' });
  expect(row).toMatchObject({ run_id: 'run-1', targets_succeeded: 3 });
  expect(server.requests.length - asked).toBe(4);
});
