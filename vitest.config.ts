import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: [join(import.meta.dirname, 'test/setup/seed.ts')],
    globalSetup: [join(import.meta.dirname, 'test/setup/nothing-left.ts')],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
