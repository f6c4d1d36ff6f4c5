import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { until } from '../world/program.ts';

/** A real sshd on loopback that serves one bare repository, whatever it is called, to one key. */
export interface Sshd {
  readonly port: number;
  readonly user: string;
  /** For `core.sshCommand`: the client with a configuration of the test's own, which knows the host `work`. */
  readonly command: string;
  /** What was asked of it, one command a line. */
  asked(): readonly string[];
  close(): Promise<void>;
}

const SERVER = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find(existsSync) ?? '/usr/sbin/sshd';

export async function startSshd(dir: string, bare: string): Promise<Sshd> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const at = (name: string): string => join(dir, name);
  for (const key of ['host', 'person']) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
  const port = await freePort();
  const user = userInfo().username;
  // Where root runs it, it wants this folder to be there.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const serve = `#!/bin/sh
printf '%s\\n' "$SSH_ORIGINAL_COMMAND" >>${at('asked')}
case "$SSH_ORIGINAL_COMMAND" in
  git-upload-pack\\ *|git-receive-pack\\ *) exec "\${SSH_ORIGINAL_COMMAND%% *}" ${bare} ;;
esac
exit 1
`;
  writeFileSync(at('serve'), serve, { mode: 0o700 });
  writeFileSync(at('authorized_keys'), `restrict,command="${at('serve')}" ${readFileSync(at('person.pub'), 'utf8')}`, { mode: 0o600 });
  writeFileSync(
    at('sshd_config'),
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${at('host')}\nPidFile none\nAuthorizedKeysFile ${at('authorized_keys')}\nStrictModes no\nUsePAM ${process.getuid?.() === 0 ? 'yes' : 'no'}\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nUseDNS no\n`,
  );
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(at('host.pub'), 'utf8')}`);
  writeFileSync(
    at('ssh_config'),
    `Host work\n  HostName 127.0.0.1\n  Port ${port}\n  User ${user}\nHost *\n  IdentityFile ${at('person')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${at('known_hosts')}\n  BatchMode yes\n`,
  );
  const child = spawn(SERVER, ['-D', '-e', '-f', at('sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await until('sshd', () => said.includes('Server listening'), { why: () => said });
  return {
    port,
    user,
    command: `ssh -F ${at('ssh_config')}`,
    asked: () => (existsSync(at('asked')) ? readFileSync(at('asked'), 'utf8').split('\n').slice(0, -1) : []),
    close: () => {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
