import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/temporary-folder.ts',
    // Whole runs share two cores with each other: what is slow there is not wrong.
    testTimeout: 30_000,
    // Files leave nothing behind that another could see, and a module that is loaded once costs once.
    isolate: false,
    maxWorkers: 3,
  },
});
