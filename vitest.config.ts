import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/setup/longest-first.ts';

const common = {
  setupFiles: ['seed.ts', 'token-watch.ts'].map((name) => join(import.meta.dirname, 'test/setup', name)),
  // These end what hangs, and nothing else: a machine that is busy with other things takes its time.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // On a machine that builds for others a second try tells a fault from a moment without processor time. Each is named at the end.
  retry: process.env.CI === undefined ? 0 : 1,
  pool: 'forks',
  maxWorkers: Math.max(2, availableParallelism()),
} as const;

export default defineConfig({
  test: {
    globalSetup: ['nothing-left.ts', 'tripwire.ts'].map((name) => join(import.meta.dirname, 'test/setup', name)),
    maxWorkers: common.maxWorkers,
    sequence: { sequencer: LongestFirst },
    projects: [
      // Pure, and no module keeps anything (`test/project/code/module-state.test.ts`): one process after the other would load the same files again.
      {
        test: {
          ...common,
          name: 'unit',
          include: ['src/**/*.test.ts', 'web/src/**/*.test.ts'],
          exclude: ['src/adapters/**'],
          isolate: false,
        },
      },
      { test: { ...common, name: 'world', include: ['src/adapters/**/*.test.ts', 'test/**/*.test.ts'] } },
    ],
  },
});
