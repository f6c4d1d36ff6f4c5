import { chmodSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** A program of nobody's, that must not be started: it writes that it was into a file. */
const PROGRAM = `#!/bin/sh
echo "$0 $*" >>"$(dirname "$0")/heard"
exit 1
`;

/**
 * Up during the whole run. Every workplace of a test names it in the settings that its workers share with the daemon: as the proxy, of all and of the
 * remote, by a file that is included, and as the programs that git would start to reach a remote. A single git with the forge's login that believes
 * one of them is heard here. So is every server of a test that is shown a login of the fake GitHub (`token-watch.ts`). The run fails then.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const wire = await layTripwire();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-tripwire-')));
  const [settings, program, heard, tokens] = ['settings', 'program', 'heard', 'tokens'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  // Some workplaces are another user's.
  chmodSync(folder, 0o755);
  writeFileSync(heard, '');
  chmodSync(heard, 0o666);
  writeFileSync(program, PROGRAM, { mode: 0o755 });
  writeFileSync(join(folder, 'included'), `[remote "origin"]\n\tproxy = ${wire.url}\n`);
  writeFileSync(
    settings,
    `[http]\n\tproxy = ${wire.url}\n[include]\n\tpath = ${join(folder, 'included')}\n[core]\n\tsshCommand = ${program}\n\taskPass = ${program}\n\tgitProxy = ${program}\n[credential]\n\thelper = ${program}\n`,
  );
  process.env.TAC8_TRIPWIRE = wire.url;
  process.env.TAC8_TRIPWIRE_SETTINGS = settings;
  process.env.TAC8_TOKENS_HEARD = tokens;
  return async () => {
    for (const name of ['TAC8_TRIPWIRE', 'TAC8_TRIPWIRE_SETTINGS', 'TAC8_TOKENS_HEARD']) delete process.env[name];
    await wire.close();
    const read = (file: string): readonly string[] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
        : [];
    const lines = [
      ...wire.heard.map((line) => `  the proxy that workers can set was believed: ${line}`),
      ...read(heard).map((line) => `  a program that workers can name was started: ${line}`),
      ...read(tokens).map((line) => `  a server that is not the forge was shown a login of it: ${line}`),
    ];
    rmSync(folder, { recursive: true, force: true });
    if (lines.length === 0) return;
    process.exitCode = 1;
    throw new Error(`the tripwire was touched:\n${lines.join('\n')}`);
  };
}
