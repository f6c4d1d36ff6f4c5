import { randomUUID } from 'node:crypto';
import { chmodSync, closeSync, lstatSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { messageOf } from '../../core/words/message-of.ts';
import { callerOf } from './caller.ts';
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

/** Callers at a time, and how long each may take to say what it wants. */
const MOST = 8;
const PATIENCE = 5_000;

/**
 * Where persons give the orders that no worker may give: a unix socket, whose kernel says who is at its other end. A line of JSON comes, a line
 * of JSON goes. Throws where there can be none.
 */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const folder = openSync(options.dir, 'r');
  const path = whereverItIs(folder, options.dir);
  makeRoom(`${options.dir}/${DOOR}`);
  const server = createServer((socket) => void answer(socket, options));
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

async function answer(socket: Socket, { runsDir, verbs, warn }: DoorOptions): Promise<void> {
  socket.on('error', () => undefined); // whoever has gone does not wait for an answer
  socket.setTimeout(PATIENCE, () => socket.destroy());
  try {
    const said = await readLine(socket);
    const peer = await peerOf(socket);
    const caller =
      peer === null ? ({ kind: 'refused', why: 'tac8 cannot tell on this system who asks' } as const) : await callerOf(peer, runsDir);
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

const say = (socket: Socket, answer: Answer): void => {
  socket.end(`${JSON.stringify(answer)}\n`);
};
