import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** A server of nobody's, that must hear nothing. */
export interface Tripwire {
  readonly url: string;
  /** The first line of each caller. */
  readonly heard: readonly string[];
  close(): Promise<void>;
}

export async function layTripwire(): Promise<Tripwire> {
  const heard: string[] = [];
  const callers = new Set<Socket>();
  const server = createServer((caller) => {
    callers.add(caller);
    let said = '';
    const end = (): void => {
      callers.delete(caller);
      heard.push(said.split('\r\n', 1)[0] || 'a caller that said nothing');
    };
    caller
      .on('data', (piece) => {
        said += piece.toString('latin1');
        caller.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      })
      .on('error', () => undefined)
      .on('close', end);
  });
  await new Promise<void>((done, failed) => void server.once('error', failed).listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async close() {
      for (const caller of callers) caller.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/**
 * Up during the whole run. Every workplace of a test names it as the proxy in the settings that its workers share with the daemon, so that a single
 * git with the forge's login that believes them is heard here. The run fails then.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const wire = await layTripwire();
  process.env.TAC8_TRIPWIRE = wire.url;
  return async () => {
    delete process.env.TAC8_TRIPWIRE;
    await wire.close();
    if (wire.heard.length === 0) return;
    process.exitCode = 1;
    throw new Error(`somebody believed the proxy that workers can set:\n${wire.heard.map((line) => `  ${line}`).join('\n')}`);
  };
}
