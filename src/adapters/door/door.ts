import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, lstatSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../core/words/message-of.ts';
import { type Caller, callerOf } from './caller.ts';
import { type Line, readLine } from './line.ts';
import { peerOf } from './peer.ts';
import { DOOR, whereverItIs } from './where.ts';

/** What a person's word led to. */
export interface Answer {
  readonly ok: boolean;
  readonly message: string;
}

/** `by`: who said it, in a few words. `said`: all of what they said; nothing of it is looked at yet. */
export type Verbs = Readonly<Record<string, (by: string, said: Line) => Answer | Promise<Answer>>>;

export interface DoorOptions {
  /** The folder of the socket. */
  readonly dir: string;
  readonly runsDir: string;
  readonly verbs: Verbs;
  readonly warn: (message: string) => void;
}

export interface Door {
  /** Its socket is where callers look for it. */
  stands(): boolean;
  close(): Promise<void>;
}

export const UNKNOWN_VERB = 'this daemon does not know what is asked: it is another version';

/** Callers that have said nothing yet: where there are more, one of them goes, whichever, so that nobody holds the door shut by silence. And callers in all. */
const MOST_SILENT = 64;
const MOST = 128;
/** Callers that are looked at side by side, each by a program of its own; the others wait for their turn. */
const MOST_HEARD = 8;
/** How long each may take to say what it wants. */
const PATIENCE = 5_000;

/**
 * Where persons give the orders that no worker may give: a unix socket, whose kernel says who is at its other end. A line of JSON comes, a line
 * of JSON goes. Throws where there can be none.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const folder = openSync(options.dir, 'r');
  const path = whereverItIs(folder, options.dir);
  makeRoom(`${options.dir}/${DOOR}`);
  const silent = new Set<Socket>();
  const turns = createTurns(MOST_HEARD);
  const server = createServer((socket) => {
    if (silent.size >= MOST_SILENT) [...silent][Math.floor(Math.random() * silent.size)]?.destroy();
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
    void answer(socket, options, () => {
      silent.delete(socket);
      return turns.next();
    });
  });
  server.maxConnections = MOST;
  try {
    await listening(server, path);
    chmodSync(`${options.dir}/${DOOR}`, 0o600);
  } catch (error) {
    closeSync(folder);
    throw error;
  }
  const made = statSync(path).ino;
  return {
    stands() {
      try {
        return lstatSync(`${options.dir}/${DOOR}`, { throwIfNoEntry: false })?.ino === made;
      } catch {
        return false;
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          closeSync(folder);
          resolve();
        });
      }),
  };
}

/** A folder that somebody put there is not emptied: it may hold anything. */
function makeRoom(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true) renameSync(path, `${path}-${randomUUID()}`);
  else rmSync(path, { force: true });
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });

/** `heard`: it has said something; answers when it is its turn to be looked at, and what is called after that. */
async function answer(socket: Socket, { runsDir, verbs, warn }: DoorOptions, heard: () => Promise<() => void>): Promise<void> {
  socket.on('error', () => undefined); // whoever has gone does not wait for an answer
  socket.setTimeout(PATIENCE, () => socket.destroy());
  try {
    const said = await readLine(socket);
    const caller = await heard().then((done) => whoIs(socket, runsDir).finally(done));
    const verb = verbOf(said);
    if (caller.kind === 'refused') {
      warn(`"${verb ?? 'something'}" was asked for by somebody who may not ask for it: ${caller.why}`);
      return say(socket, { ok: false, message: `only a person may ask for this, and ${caller.why}` });
    }
    const act = verb !== null && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (act === undefined) return say(socket, { ok: false, message: UNKNOWN_VERB });
    // An end may take its time.
    socket.setTimeout(0);
    say(socket, await act(caller.words, said));
  } catch (error) {
    say(socket, { ok: false, message: messageOf(error) });
  }
}

const verbOf = ({ verb }: Line): string | null => (typeof verb === 'string' && /^[a-z-]{1,40}$/.test(verb) ? verb : null);

async function whoIs(socket: Socket, runsDir: string): Promise<Caller> {
  // It did not wait for its turn.
  if (socket.destroyed) return { kind: 'refused', why: 'it is gone' };
  const peer = await peerOf(socket);
  return peer === null ? { kind: 'refused', why: 'tac8 cannot tell on this system who asks' } : callerOf(peer, runsDir);
}

interface Turns {
  /** When it is the caller's turn; answers what is called when it is over. */
  next(): Promise<() => void>;
}

function createTurns(most: number): Turns {
  let free = most;
  const waiting: ((done: () => void) => void)[] = [];
  const done = (): void => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next(done);
  };
  return {
    next() {
      if (free === 0) return new Promise((resolve) => waiting.push(resolve));
      free -= 1;
      return Promise.resolve(done);
    },
  };
}

const say = (socket: Socket, answer: Answer): void => {
  socket.end(`${JSON.stringify(answer)}\n`);
};
