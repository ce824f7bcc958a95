import { defineConfig } from 'vitest/config';

const shared = {
  // Whole runs share two cores with each other: what is slow there is not wrong.
  testTimeout: 30_000,
  // Files leave nothing behind that another could see, and a module that is loaded once costs once.
  isolate: false,
  maxWorkers: 3,
};
/** All that loads CDK, which takes seconds. */
const cloud = ['test/infra/**/*.test.ts', 'test/lambda/**/*.test.ts', 'test/deploy/**/*.test.ts', 'test/docs/operations.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'sync', include: ['test/**/*.test.ts'], exclude: cloud } },
      { test: { ...shared, name: 'cloud', include: cloud } },
    ],
  },
});
