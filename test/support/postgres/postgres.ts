import { chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { TestContext } from 'vitest';
import { type Postgres, startPostgres as start } from '../../../src/demo/world/postgres.ts';

export type { Postgres } from '../../../src/demo/world/postgres.ts';

/** A real Postgres on loopback, until the test has ended. */
export async function startPostgres(context: Pick<TestContext, 'onTestFinished'>): Promise<Postgres> {
  // Where the tests run as root, the server belongs to another user, who has to get to its folder.
  chmodSync(tmpdir(), 0o711);
  const postgres = await start();
  context.onTestFinished(() => postgres.end(), 30_000);
  return postgres;
}
