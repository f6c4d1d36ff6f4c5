import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createNotifier } from '../../../src/adapters/notify/notifier.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite/sqlite.ts';
import type { Plan } from '../../../src/core/tick/plan.ts';
import type { World } from '../../../src/core/tick/world.ts';
import type { Clock } from '../../../src/engine/ports/machine/clock.ts';
import type { Store } from '../../../src/engine/ports/records/store.ts';
import { openBooks } from '../../../src/engine/tell/bookkeeping.ts';
import { createCourier } from '../../../src/engine/tell/courier.ts';
import { NOW, policy } from '../world/world.ts';
import { type Listener, startListener } from './listener.ts';

const nothing = (): void => undefined;
const QUIET = { debug: nothing, info: nothing, warn: nothing, error: nothing };
/** A tick that decided nothing. */
export const EMPTY: Plan = {
  ...{ commit: {}, actions: [], lost: [], chores: [], wakeAt: null, notes: [], restoreBoard: false, addKeys: new Map() },
  claims: [],
  wanted: { triggers: [], issues: [], dependencies: [] },
};

/** A daemon's books and courier on a real database, telling a real server; killed and started again at will. */
export async function desk() {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-alerts-'));
  const slack = await startListener();
  const path = join(dir, 'tac8.db');
  let now = NOW;
  let store: Store = openSqliteStore({ path });
  onTestFinished(async () => {
    store.close();
    await slack.close();
    rmSync(dir, { recursive: true });
  });
  const clock: Clock = {
    now: () => now,
    steady: () => now,
    spent: () => now,
    at: (_time, wake) => (({ close }) => close)(timer(wake)),
    local: String,
    startOfDay: () => NOW - 1_000,
  };
  const origin = { repo: 'acme/widgets', host: 'pi' };
  const channel = { name: 'slack', kind: 'slack', url: { value: `${slack.url}/hook` }, rules: null, timeLimit: 5_000 } as const;
  const notifier = createNotifier({ settings: () => ({ channels: [channel], ping: null }), origin, root: dir, env: {} });
  const open = () => {
    const ports = { store, clock, notifier, log: QUIET };
    return { books: openBooks(ports, () => policy()), courier: createCourier(ports, nothing) };
  };
  let { books, courier } = open();
  return {
    slack,
    store: () => store,
    at: (time: number) => {
      now = time;
    },
    /** One tick's worth, without its effects on the world. */
    tick(seenWorld: World, plan: Plan = EMPTY): void {
      const { facts } = books.keep(seenWorld, plan);
      store.commit({ facts });
    },
    async deliver(): Promise<void> {
      await courier.close();
      courier = createCourier({ store, clock, notifier, log: QUIET }, nothing);
    },
    /** kill -9: nothing is told any more, and nothing written. */
    async crash(): Promise<void> {
      store.close();
      store = openSqliteStore({ path });
      ({ books, courier } = open());
    },
    leave: () => books.close(),
  };
}

function timer(wake: () => void): { close(): void } {
  const handle = setTimeout(wake, 3_000);
  return { close: () => clearTimeout(handle) };
}

/** The first lines of what Slack was told. */
export const said = ({ heard }: Listener): readonly string[] =>
  heard.map(({ body }) => ((JSON.parse(body) as { text: string }).text.split('\n')[0] ?? '').replace(' *tac8 acme/widgets*', ''));
