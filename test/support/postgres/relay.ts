import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'vitest';

/** A line to a server on this machine that can be cut, as a cable is: nothing comes through, and nobody is told. */
export async function relay(context: Pick<TestContext, 'onTestFinished'>, to: number) {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((from) => {
    const there = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [from, there],
      [there, from],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.on('data', (bytes) => {
        if (!isCut) other.write(bytes);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  context.onTestFinished(async () => {
    drop();
    server.close();
    await once(server, 'close');
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
    },
    /** What hung until now is told that it is broken. */
    mend: () => {
      isCut = false;
      drop();
    },
  };
}
