/** What holds without a sandbox holds in it: a fixed sample of the tests of a stop, of what a daemon survives and of `attach`, once more with every worker in its box. */

process.env.TAC8_TEST_SANDBOX = 'bwrap';

await import('../stop/jobs.test.ts');
await import('../attach/attach.test.ts');
await import('../survive/lost-database.test.ts');
