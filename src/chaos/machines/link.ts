import { connect, createServer, type Server, type Socket } from 'node:net';

/** A machine's way to Postgres, which can be cut: what goes through is lost then, and nobody gets through until it is mended. */
export interface Link {
  readonly url: string;
  cut(): void;
  mend(): void;
  end(): Promise<void>;
}

export async function openLink(port: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((near) => {
    // As a cable that is pulled: no refusal, no end, silence.
    if (isCut) near.pause();
    const far = isCut ? null : connect(port, '127.0.0.1');
    for (const socket of far === null ? [near] : [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far?.destroy();
      });
    }
    if (far !== null) near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `postgres://tac8@127.0.0.1:${own}/postgres`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    // What was under way meanwhile is lost, as after a long silence on a real line.
    mend() {
      isCut = false;
      for (const socket of sockets) socket.destroy();
    },
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
