import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Database } from '../adapters/machines/database.ts';
import type { Daemon } from '../compose/daemon.ts';
import { configSchema } from '../config/schema/schema.ts';
import { toSettings } from '../config/settings.ts';
import { PortError } from '../engine/ports/error.ts';
import type { Accepted } from '../place/project.ts';
import { serveRunner } from './runner.ts';

test('where Postgres goes away while it begins, nothing of it stays at work', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tac8-runner-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const written = configSchema.parse({});
  const away = new PortError('retryable', 'Postgres: it is away');
  const database = {
    ...{ url: 'postgres://127.0.0.1:1/nowhere', schema: 'tac8', isOwner: false, listen: () => () => undefined },
    ...{ alone: () => Promise.reject(away), query: () => Promise.reject(away) },
  } as unknown as Database;
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const began = serveRunner({
    database,
    daemon: { ports: { clock: { now: Date.now }, workers: {} }, workspaces: {} } as unknown as Daemon,
    project: { root: folder, state: folder, logs: folder, written, settings: toSettings(written) } as unknown as Accepted,
    ...{ name: 'one', slots: 1, version: '0', labels: [], retireAt: null },
    ...{ onRetired: () => undefined, say: () => undefined },
  });
  await expect(began).rejects.toThrow('it is away');
  expect(timers()).toBe(before);
});
