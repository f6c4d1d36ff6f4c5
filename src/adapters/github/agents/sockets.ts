import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { writeWholeSync } from '../../../files/write-whole.ts';
import type { Named } from '../login/heads.ts';
import type { Lane } from './lane.ts';

/** A socket for each run, in the run's folder: who reaches it is that run's worker, and no token is asked for or given. */
export interface Sockets {
  /** What a worker needs to ask there with `gh`; null: the folder's path is too long for a socket. */
  open(folder: string): Promise<Readonly<Record<string, string>> | null>;
  /** Those of earlier starts whose runs go on are served again, those of runs that ended are not any more. */
  keep(folders: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface SocketsOptions {
  readonly lane: Lane;
  readonly log: Log;
  /** Where people look at the forge. */
  readonly host: string;
  /** As `gh` is to know it. */
  readonly repository: () => Promise<Named>;
}

const FOLDER = 'github';
const LONGEST = 100;
const MOST_BODY = 128 * 1024;

export function createSockets({ lane, log, host, repository }: SocketsOptions): Sockets {
  const servers = new Map<string, Server>();
  const closing = new AbortController();
  void lane.prepare();
  let complained = false;
  // One on this machine has a port, which `gh` takes in no name.
  const isPublic = host === 'github.com' || host.includes(':');

  async function listen(folder: string): Promise<boolean> {
    const path = join(folder, FOLDER, 'sock');
    if (servers.has(folder)) return true;
    if (Buffer.byteLength(path) > LONGEST) {
      if (!complained) log.warn(`github.for_agents: ${path} is too long for a socket, so agents get no GitHub`);
      complained = true;
      return false;
    }
    const server = createServer((request, response) => void serve(request, response));
    servers.set(folder, server);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    server.on('error', (error) => log.debug(`github.for_agents: ${messageOf(error)}`));
    server.unref();
    return true;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const pieces: Buffer[] = [];
      let size = 0;
      for await (const piece of request as AsyncIterable<Buffer>) {
        size += piece.length;
        if (size > MOST_BODY) break;
        pieces.push(piece);
      }
      if (size > MOST_BODY) {
        response
          .writeHead(413, { 'content-type': 'application/json', connection: 'close' })
          .end('{"message":"tac8: the question is too long."}');
        return;
      }
      const { method = '', url = '' } = request;
      const asked = { method, path: url, accept: request.headers.accept ?? '', body: Buffer.concat(pieces).toString('utf8') };
      const { status, headers, body } = await lane.ask(asked, closing.signal);
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(method === 'HEAD' ? '' : body);
    } catch (error) {
      log.debug(`github.for_agents: ${messageOf(error)}`);
      response.destroy();
    }
  }

  async function end(folder: string, server: Server): Promise<void> {
    servers.delete(folder);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
    rmSync(join(folder, FOLDER, 'sock'), { force: true });
  }

  return {
    async open(folder) {
      const own = join(folder, FOLDER);
      let named: Named;
      try {
        named = await repository();
        mkdirSync(own, { recursive: true, mode: 0o700 });
        if (!(await listen(folder))) return null;
      } catch (error) {
        servers.delete(folder);
        log.warn(`github.for_agents: the socket of a run cannot be made: ${messageOf(error)}`);
        return null;
      }
      writeWholeSync(join(own, 'config.yml'), `http_unix_socket: ${JSON.stringify(join(own, 'sock'))}\nprompt: disabled\n`);
      const nothing = 'none-tac8-asks-for-you';
      return {
        GH_CONFIG_DIR: own,
        GH_REPO: `${isPublic ? '' : `${host}/`}${named.owner}/${named.name}`,
        ...(isPublic ? { GH_TOKEN: nothing } : { GH_ENTERPRISE_TOKEN: nothing, GH_HOST: host }),
        GH_PROMPT_DISABLED: '1',
        GH_NO_UPDATE_NOTIFIER: '1',
      };
    },
    async keep(folders) {
      const wanted = new Set(folders);
      for (const [folder, server] of [...servers]) if (!wanted.has(folder)) await end(folder, server);
      for (const folder of wanted)
        if (!servers.has(folder) && existsSync(join(folder, FOLDER, 'config.yml')))
          await listen(folder).catch((error: unknown) => log.debug(`github.for_agents: ${messageOf(error)}`));
    },
    async close() {
      closing.abort();
      await Promise.all([...servers].map(([folder, server]) => end(folder, server)));
    },
  };
}
