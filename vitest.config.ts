import { defineConfig } from 'vitest/config';

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
  },
});
