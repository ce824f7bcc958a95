import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Tests that wait for processes more than they compute: last to start, they would be last to end, with nothing beside them. */
const waiting = /\/test\/(demo|lambda|views)\//;

/** As Vitest sorts, which knows how long each file takes once it has run, but those that wait come first. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(({ moduleId }) => waiting.test(moduleId)), ...sorted.filter(({ moduleId }) => !waiting.test(moduleId))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/temporary-folder.ts',
    // Whole runs share the cores with each other: what is slow there is not wrong.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of each file, as most of them start processes.
    maxConcurrency: 3,
    // Files leave nothing behind that another could see, and a module that is loaded once costs once.
    isolate: false,
    // Twice the cores of a small machine: tests of processes and of limits spend half of their time waiting.
    maxWorkers: 4,
    sequence: { sequencer: WaitingFirst },
    // Node loads the modules, as it does outside of the tests, and nothing is transformed for it.
    experimental: { viteModuleRunner: false },
  },
});
