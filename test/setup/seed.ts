import fc from 'fast-check';

/*
 * The same cases in every run of the tests: a red run is one that this change made red. TAC8_SEED gives other cases, and
 * scripts/long/board-nightly.ts goes through many more of them.
 */
fc.configureGlobal({ seed: Number(process.env.TAC8_SEED ?? 20_261_122) });
