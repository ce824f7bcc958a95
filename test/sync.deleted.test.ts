import { afterAll, describe, expect, test } from 'vitest';
import { commitObject, partObject, planObject, sealObject } from '../lambda/contract/objects.ts';
import { startLaunchDarkly } from './launchdarkly/server.ts';
import { createWorld } from './launchdarkly/world.ts';
import { createMemoryOutput } from './memory-output.ts';
import { presentSnapshot, runSync } from './run-sync.ts';

const server = await startLaunchDarkly({ world: createWorld({ projects: { demo: 110 }, metrics: 1, experiments: 1 }) });
afterAll(() => server.close());

describe('a raw object that somebody deletes while a run is at work', () => {
  const snapshot = presentSnapshot();
  for (const [what, gone, deletedAt] of [
    ['the plan', planObject(snapshot), partObject(snapshot, '00000-00000')],
    ['a part', partObject(snapshot, '00000-00000'), partObject(snapshot, '00001-00000')],
  ] as const) {
    test(`${what}: nothing is sealed, and the next run finishes the snapshot`, async () => {
      const output = createMemoryOutput();
      const created: string[] = [];
      output.afterCreate = (object) => {
        created.push(object);
        // Both are there before either goes.
        if (created.includes(deletedAt) && created.includes(gone)) output.objects.delete(gone);
      };
      await expect(runSync(server, output, { snapshot })).rejects.toMatchObject({
        kind: 'output',
        message: expect.stringContaining(`${gone} is gone since this run read or wrote it`),
      });
      expect([output.objects.has(sealObject(snapshot)), output.objects.has(commitObject(snapshot))]).toEqual([false, false]);
      output.afterCreate = undefined;
      expect(await runSync(server, output, { snapshot })).toMatchObject({ row: { status: 'complete', targets_succeeded: 110 } });
    });
  }
});
