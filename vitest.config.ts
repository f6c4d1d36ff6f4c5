import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/setup/longest-first.ts';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['seed.ts', 'token-watch.ts'].map((name) => join(import.meta.dirname, 'test/setup', name)),
    globalSetup: ['nothing-left.ts', 'tripwire.ts'].map((name) => join(import.meta.dirname, 'test/setup', name)),
    // These end what hangs, and nothing else: a machine that is busy with other things takes its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // On a machine that builds for others a second try tells a fault from a moment without processor time. Each is named at the end.
    retry: process.env.CI === undefined ? 0 : 1,
    pool: 'forks',
    maxWorkers: Math.max(2, availableParallelism()),
    sequence: { sequencer: LongestFirst },
  },
});
