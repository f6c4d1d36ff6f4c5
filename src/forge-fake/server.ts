import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { type Actions, createActions } from './rules/actions.ts';
import { createSecondary } from './rules/secondary.ts';
import { createHandler } from './serve/handle.ts';
import { createHooks } from './serve/webhooks.ts';
import { createRateLimits } from './shape/rate-limit.ts';
import { barePath, createSizeOf, createTurns, type Fake } from './state/fake.ts';
import { createFaults, type Faults } from './state/faults.ts';
import { ensureBare, type SeedFile } from './state/git.ts';
import type { Hooks } from './state/hooks.ts';
import { type Journal, openJournal } from './state/journal.ts';
import { type NewUser, putUser } from './state/people.ts';
import { isoTime, openState, type State } from './state/state.ts';

export interface FakeGitHubOptions {
  /** Everything is kept here; a server started on the same folder goes on where the last one was. */
  readonly dir: string;
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Milliseconds since 1970; default the machine's. */
  readonly clock?: () => number;
  readonly repo: { readonly owner: string; readonly name: string; readonly defaultBranch?: string; readonly private?: boolean };
  /** The first commit of the default branch; without it the repository has none. */
  readonly files?: Readonly<Record<string, SeedFile>>;
  readonly users?: readonly NewUser[];
  /** Branches that refuse pushes. */
  readonly protect?: readonly string[];
  /** Requests per hour and token; default 5000. */
  readonly rateLimit?: number;
  /** Whether it refuses who asks or makes too much in a minute, as GitHub does; left out: no. */
  readonly secondaryLimits?: boolean;
}

export interface FakeGitHub extends Actions {
  /** Root of the API, of the pages and of the git repositories. */
  readonly url: string;
  readonly port: number;
  readonly cloneUrl: string;
  /** The bare repository, to look into or push to without HTTP. */
  readonly bare: string;
  readonly faults: Faults;
  /** Webhooks: none are sent until they are aimed somewhere. */
  readonly hooks: Hooks;
  readonly journal: Journal;
  /** What it knows. To look at: changes go through the actions. */
  readonly state: State;
  /** A token of this user. */
  token(login: string): string;
  /** Ends every connection, waits for what is under way, writes the state. */
  close(): Promise<void>;
}

/** Starts a GitHub of one repository on 127.0.0.1. */
export async function startFakeGitHub(options: FakeGitHubOptions): Promise<FakeGitHub> {
  const dir = resolve(options.dir);
  const now = options.clock ?? Date.now;
  mkdirSync(dir, { recursive: true });
  const store = openState(join(dir, 'state.json'), () => freshState(options, now()));
  const bare = barePath({ dir, store });
  let url = '';
  const journal = openJournal(join(dir, 'journal.jsonl'));
  const fake: Fake = {
    dir,
    store,
    journal,
    faults: createFaults(),
    hooks: createHooks(() => fake),
    url: () => url,
    now,
    sizeOf: createSizeOf(bare),
    inTurn: createTurns(),
  };
  putUser(fake, { login: store.state.repo.owner, role: 'admin', type: 'Organization' });
  for (const user of options.users ?? []) putUser(fake, user);
  await ensureBare(bare, {
    defaultBranch: store.state.repo.defaultBranch,
    time: Math.floor(now() / 1000),
    ...(options.files === undefined ? {} : { files: options.files }),
    ...(options.protect === undefined ? {} : { protect: options.protect }),
  });
  const actions = createActions(fake);
  const secondary = options.secondaryLimits === true ? createSecondary(now) : null;
  const handler = createHandler({ fake, actions, limits: createRateLimits(now), rateLimit: options.rateLimit ?? 5000, secondary });
  const server = createServer(handler.handle);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(options.port ?? 0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  url = `http://127.0.0.1:${port}`;
  const { owner, name } = store.state.repo;
  return {
    ...actions,
    url,
    port,
    cloneUrl: `${url}/${owner}/${name}.git`,
    bare,
    faults: fake.faults,
    hooks: fake.hooks,
    journal,
    state: store.state,
    token: (login) => tokenOf(store.state, login),
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      fake.hooks.aim(null);
      await handler.settled();
      await fake.hooks.settled();
      await closed;
      journal.close();
      store.flush();
    },
  };
}

function tokenOf(state: State, login: string): string {
  const token = state.users.find((user) => user.login === login)?.tokens[0];
  if (token === undefined) throw new Error(`${login} is not a user of the fake GitHub`);
  return token;
}

/** Ids start above 2³¹, as GitHub's do by now. */
function freshState(options: FakeGitHubOptions, now: number): State {
  const { owner, name, defaultBranch = 'main', private: hidden = false } = options.repo;
  const time = isoTime(now);
  return {
    version: 1,
    nextId: 3_000_000_001,
    nextNumber: 1,
    repo: {
      id: randomInt(100_000_000, 900_000_000),
      owner,
      name,
      private: hidden,
      defaultBranch,
      createdAt: time,
      pushedAt: time,
      formerNames: [],
      forks: [],
    },
    users: [],
    labels: [],
    issues: [],
    comments: [],
    events: [],
    statuses: [],
    checkRuns: [],
    reviews: [],
    dependencies: [],
    elsewhere: [],
  };
}
