import { join } from 'node:path';
import { createGitHubForge, type GitHubForge } from '../../../src/adapters/github/forge.ts';
import { openMemoryStore } from '../../../src/adapters/store/memory.ts';
import { NEW_FLEET } from '../../../src/core/model/fleet.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { TaskId } from '../../../src/core/model/task.ts';
import { createEngine, type Engine } from '../../../src/engine/loop.ts';
import type { Forge } from '../../../src/engine/ports/outside/forge.ts';
import type { Log } from '../../../src/engine/ports/records/log.ts';
import type { Store } from '../../../src/engine/ports/records/store.ts';
import type { Workspaces } from '../../../src/engine/ports/repository/workspaces.ts';
import { type HttpServer, startHttp } from '../../../src/http/server.ts';
import { type Deliveries, openDeliveries } from '../../../src/http/webhooks/deliveries.ts';
import { createWebhooks, type Webhooks } from '../../../src/http/webhooks/receive.ts';
import { createLife, type Life } from '../life.ts';
import { portsFor } from '../ports/index.ts';
import type { Stage } from '../stage.ts';
import { type Ground, REPO } from './ground.ts';

const POLL: Ms = 30_000;
const PULSE: Ms = 10_000;
const SECRET = 'a secret of the day';

/** The daemons of a day, one after the other: the real engine on the real adapter. */
export interface DayDaemon {
  start(): void;
  kill(down: Ms): void;
  /** Killed at the next answer to such a call: what was done is done, and nobody has written it down. */
  killAfter(call: keyof Forge, down: Ms): void;
  isUp(): boolean;
  wake(): void;
  starts(): number;
  /** What it said that it could not foresee. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const never = <T>(): Promise<T> => new Promise(() => undefined);

export async function createDayDaemon(stage: Stage, ground: Ground): Promise<DayDaemon> {
  const { timeline } = stage;
  const complaints: string[] = [];
  let running: { readonly life: Life; readonly engine: Engine } | null = null;
  let count = 0;
  let armed: { readonly call: keyof Forge; readonly down: Ms } | null = null;
  const deliveries: Deliveries = await openDeliveries(join(ground.dir, 'webhooks.jsonl'));
  const webhooks: Webhooks = createWebhooks({
    ...{ secret: SECRET, deliveries, now: timeline.wall, after: timeline.after },
    hurry: () => running?.engine.hurry(),
    onError: (error) => void complaints.push(String(error)),
  });
  const server: HttpServer = await startHttp({
    ...{ host: '127.0.0.1', port: 0, token: null, api: null, metrics: async () => '', health: () => ({ ok: true, text: 'ok' }) },
    ...{ webhooks, onError: (error: unknown) => void complaints.push(String(error)) },
  });
  ground.github.hooks.aim({ url: `${server.url}/webhooks/github`, secret: SECRET, lose: 5, double: 3 });

  function gone(life: Life, down: Ms): void {
    if (running?.life !== life) return;
    running = null;
    timeline.after(down, start);
  }

  function die(life: Life, down: Ms): void {
    stage.trace(() => `daemon ${life.number} is killed`);
    life.die();
    gone(life, down);
  }

  /** The adapter as this daemon has it: after its death nothing comes back. */
  function mortal(life: Life, forge: GitHubForge): Forge {
    const guarded =
      (name: string, call: (...asked: unknown[]) => unknown) =>
      (...asked: unknown[]) => {
        if (life.isDead()) return never();
        const answer = call(...asked);
        if (!(answer instanceof Promise)) return answer;
        const after = (): void => {
          if (armed?.call !== name || life.isDead()) return;
          const { down } = armed;
          armed = null;
          die(life, down);
        };
        return answer.then(
          (value: unknown) => {
            after();
            return life.isDead() ? never() : value;
          },
          (error: unknown) => {
            if (life.isDead()) return never();
            stage.trace(() => `forge.${name}: ${String(error)}`);
            throw error;
          },
        );
      };
    const entries = Object.entries(forge).map(([name, value]) => [
      name,
      typeof value === 'function' ? guarded(name, value as (...asked: unknown[]) => unknown) : value,
    ]);
    return Object.fromEntries(entries) as Forge;
  }

  function store(life: Life): Store {
    const real = openMemoryStore(stage.contents);
    const entries = Object.entries(real).map(([name, value]) => [
      name,
      typeof value === 'function'
        ? (...asked: unknown[]) => life.sync(`store.${name}`, () => (value as (...given: unknown[]) => unknown)(...asked))
        : value,
    ]);
    return Object.fromEntries(entries) as Store;
  }

  function workspaces(made: Workspaces, life: Life): Workspaces {
    const real = (task: TaskId, commit: string): Promise<string> =>
      stage.repository.branches.get(task)?.includes(commit) === true ? ground.commit(task, commit) : Promise.resolve(commit);
    const alive = async <T>(answer: Promise<T>): Promise<T> => {
      const value = await answer;
      return life.isDead() ? never() : value;
    };
    return {
      ...made,
      async inspect(...asked) {
        const seen = await made.inspect(...asked);
        return seen.head === null ? seen : { ...seen, head: await alive(real(asked[0].id, seen.head)) };
      },
      async push(...asked) {
        const pushed = await made.push(...asked);
        if (pushed.commit === null) return pushed;
        const commit = await alive(real(asked[0].id, pushed.commit));
        await alive(ground.push(asked[0].branch, commit));
        return { ...pushed, commit };
      },
    };
  }

  function start(): void {
    if (running !== null) return;
    count += 1;
    if (!stage.contents.facts.has('fleet')) stage.contents.facts.set('fleet', NEW_FLEET);
    const life = createLife(stage, count, (down) => gone(life, down));
    const log: Log = portsFor(stage, life).log;
    const pause = (ms: Ms, signal: AbortSignal | null): Promise<void> => life.pause(ms, signal ?? undefined);
    const forge = createGitHubForge({
      ...{ apiUrl: ground.github.url, repo: REPO, token: async () => ground.github.token('tac8'), log, timeoutMs: 60_000 },
      ...{ now: timeline.wall, pause, folder: { path: join(ground.dir, 'kept'), isWriting: true } },
    });
    const made = portsFor(stage, life);
    const ports = { ...made, store: store(life), forge: mortal(life, forge), workspaces: workspaces(made.workspaces, life) };
    const settings = { pollInterval: () => POLL, pulse: PULSE, trees: 'trees', baseBranch: 'main', draft: false };
    const engine = createEngine({ ports, settings, policy: () => stage.policy });
    running = { life, engine };
    stage.trace(() => `daemon ${life.number} starts`);
    engine.run().catch((error: unknown) => {
      if (!life.isDead()) complaints.push(`it ends with ${String(error)}`);
    });
  }

  return {
    start,
    kill: (down) => void (running !== null && die(running.life, down)),
    killAfter: (call, down) => {
      armed = { call, down };
    },
    isUp: () => running !== null,
    wake: () => running?.engine.wake(),
    starts: () => count,
    complaints,
    async close() {
      running?.life.die();
      running = null;
      ground.github.hooks.aim(null);
      webhooks.close();
      await server.close();
    },
  };
}
