import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Whole runs share two cores with each other: what is slow there is not wrong.
    testTimeout: 30_000,
    maxWorkers: 4,
    // Files leave nothing behind that another could see, and a module that is loaded once costs once.
    isolate: false,
  },
});
