import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { PortError } from '../../engine/ports/error.ts';

/** What the way out shows workers for the hosts that are sent a login, and the authority that they are to trust for it. */
export interface Face {
  readonly key: string;
  readonly cert: string;
  readonly authority: string;
}

const LIMIT = 30_000;
const FILES = { key: 'key.pem', cert: 'cert.pem', authority: 'authority.pem' } as const;
const DAYS = '3650';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/**
 * Made once for a list of hosts, and kept in a folder that no worker sees, so that a way out that is started again is still trusted. The authority's own key
 * is thrown away at once: it vouches for this one certificate, and for nothing ever again.
 */
export function faceFor(dir: string, hosts: readonly string[]): Face {
  const names = [...new Set(hosts.map((host) => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')))].sort();
  const folder = join(dir, `face-${createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) make(folder, names);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { key: read(FILES.key), cert: read(FILES.cert), authority: read(FILES.authority) };
}

function make(folder: string, names: readonly string[]): void {
  const half = `${folder}.${process.pid}`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true, mode: 0o700 });
  try {
    const alternatives = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(',');
    writeFileSync(
      join(half, 'settings'),
      [
        '[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = tac8 way out of the sandbox',
        '[authority]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\nsubjectKeyIdentifier = hash',
        `[host]\nbasicConstraints = CA:FALSE\nkeyUsage = critical, digitalSignature\nextendedKeyUsage = serverAuth\nsubjectAltName = ${alternatives}\n`,
      ].join('\n'),
    );
    const settings = ['-config', 'settings'];
    openssl(half, [
      'req',
      '-x509',
      ...KEY,
      '-days',
      DAYS,
      ...settings,
      '-extensions',
      'authority',
      '-keyout',
      'authority.key',
      '-out',
      FILES.authority,
    ]);
    openssl(half, ['req', ...KEY, ...settings, '-keyout', FILES.key, '-out', 'asked']);
    const signer = ['-CA', FILES.authority, '-CAkey', 'authority.key', '-set_serial', '2'];
    openssl(half, [
      'x509',
      '-req',
      '-in',
      'asked',
      ...signer,
      '-days',
      DAYS,
      '-extfile',
      'settings',
      '-extensions',
      'host',
      '-out',
      FILES.cert,
    ]);
    for (const name of ['authority.key', 'asked', 'settings']) rmSync(join(half, name));
    renameSync(half, folder);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

function openssl(cwd: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync('openssl', args, {
    cwd,
    env: { PATH: '/usr/bin:/bin', HOME: cwd },
    timeout: LIMIT,
    encoding: 'utf8',
  });
  if (status === 0) return;
  const why = error === undefined ? stderr.trim().split('\n').slice(0, 3).join(' | ') : error.message;
  throw new PortError('terminal', `openssl makes no certificate for the hosts that are sent a login: ${why}`, {
    hint: 'Install openssl, or take header_env out of sandbox.profile.hosts.',
  });
}
