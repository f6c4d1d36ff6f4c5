import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { homedir, networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createPrivateGit } from '../adapters/git/private/private.ts';
import { readInBox } from '../adapters/process/box/reading.ts';
import { ownProgram } from '../place/own-files.ts';
import { type Attempt, HANDED_ON, type Outside, PRELUDE } from './attempt.ts';

const GIT_LIMIT = 60_000;

/** A piece of memory and a queue, by a number that everybody may ask for. */
const SHARE = `my $m = shmget $ARGV[0], 4096, 0666 | 01000; shmwrite $m, $ARGV[1], 0, 64; msgsnd msgget($ARGV[0], 0666 | 01000), pack('l! a*', 1, $ARGV[1]), 0`;

export interface Place extends Outside {
  /** Runs the attempts in the task's box (`tac8 sandbox try`) or as they are; answers those that got out. */
  attempt(attempts: readonly Attempt[], where: 'inside' | 'outside'): Promise<ReadonlySet<Attempt>>;
  /** Those of the attempts just made whose programs were not there. */
  lacking(attempts: readonly Attempt[]): ReadonlySet<Attempt>;
  close(): Promise<void>;
}

/** A repository with two tasks, a person with keys, servers and processes; and a word that is in all of them. */
export async function makePlace(image: string | null): Promise<Place> {
  const word = `w${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-escape-')));
  const root = join(base, 'repo');
  const who = ['-c', 'user.name=tac8', '-c', 'user.email=tac8@localhost'];
  const gitEnv = { PATH: process.env.PATH ?? '', HOME: base, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' };
  const git = (...args: readonly string[]): string =>
    execFileSync('git', [...who, ...args], { cwd: root, env: gitEnv, encoding: 'utf8', timeout: GIT_LIMIT });
  const person = join(base, 'person');
  const tree = join(root, 'trees/gh-1');
  const target = (n: number): string => join(base, 'targets', String(n));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  mkdirSync(root);
  git('init', '-q', '-b', 'main');
  write(join(root, 'README.md'), 'A repository to get out of.\n');
  git('add', '-A');
  git('commit', '-qm', 'First');
  git('worktree', 'add', '-q', '-b', 'auto/gh-1', tree);
  git('worktree', 'add', '-q', '-b', 'auto/gh-2', join(root, 'trees/gh-2'));
  git('remote', 'add', 'origin', `https://me:${word}@forge.example/a/b`);
  const box = image === null ? 'kind: auto' : `kind: container, image: ${JSON.stringify(image)}`;
  write(
    join(root, 'tac8.yaml'),
    `sandbox: { ${box} }\nagent: { kind: claude, command: [/bin/sh], env: [ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL] }\n`,
  );
  const kept = ['.ssh/id_rsa', '.npmrc', '.config/gh/hosts.yml', '.git-credentials', '.profile'].map((name) => join(person, name));
  const ours = ['secret.txt', 'trees/gh-2/secret.txt', '.tac8/page-token', '.tac8/homes/gh-2/secret.txt'].map((name) => join(root, name));
  for (const path of [...kept, ...ours]) write(path, `KEY=${word}\n`);
  write(join(person, '.claude/.credentials.json'), JSON.stringify({ claudeAiOauth: { accessToken: word, refreshToken: word } }));
  if (image !== null) shareImages(person);
  const shm = `tac8-${word.slice(0, 6)}`;
  writeFileSync(`/dev/shm/${shm}`, word);
  const key = 0x7ac80000 + Math.floor(Math.random() * 0xffff);
  const ofSystemV = (script: string): void => {
    execFileSync('/usr/bin/perl', ['-e', script, String(key), word], { timeout: GIT_LIMIT });
  };
  ofSystemV(SHARE);
  const answer = `HTTP/1.0 200 OK\r\n\r\n${word}\n`;
  const servers: Server[] = [];
  const listen = (at: object): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end(answer);
      });
      server.once('error', reject).listen(at, () => resolve(server));
      servers.push(server);
    });
  const tcp = await listen({ port: 0, host: '::' }).catch(() => listen({ port: 0, host: '0.0.0.0' }));
  const socketPath = join(base, 's', 'door.sock');
  mkdirSync(dirname(socketPath));
  await listen({ path: socketPath });
  await listen({ path: `\0${shm}` });
  // The model's: it answers TRACE with what it was asked, as some do, sends elsewhere, and notes a Host or a path that is none of its own.
  const service = createHttpServer((asked, answer) => {
    const [url, host] = [asked.url ?? '', asked.headers.host];
    const its = target(Number(url.split('/').at(-1)));
    const isLed = host === 'other.example' || /\/heard\/|\/\.\.|%25?2[ef]/i.test(url);
    if (isLed && existsSync(its)) writeFileSync(join(its, 'heard'), '');
    if (url.startsWith('/back/')) answer.writeHead(302, { location: url.replace('back', 'heard') });
    answer.end(asked.method === 'TRACE' ? asked.rawHeaders.join(' ') : '{}');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const servicePort = String((service.address() as { port: number }).port);
  const udp = createSocket('udp4', (_, from) => udp.send(word, from.port, from.address));
  await new Promise<void>((resolve) => udp.bind(0, '0.0.0.0', resolve));
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const address = addresses.find((one) => !one.internal && one.family === 'IPv4')?.address ?? '127.0.0.2';
  const victims = new Map<number, ChildProcess>();
  const env = {
    ...{ PATH: process.env.PATH ?? '', HOME: person, LC_ALL: 'C', ...podmansOwn() },
    ...{ ANTHROPIC_API_KEY: word, ANTHROPIC_BASE_URL: `http://127.0.0.1:${servicePort}`, SECRET_TOKEN: word },
  };

  const prepare = (attempts: readonly Attempt[], lines: (n: number) => string): void => {
    endVictims();
    rmSync(join(tree, '.attempts'), { recursive: true, force: true });
    for (const [n, { kind, script }] of attempts.entries()) {
      rmSync(target(n), { recursive: true, force: true });
      rmSync(`${target(n)}.gone`, { recursive: true, force: true });
      write(join(target(n), 'secret.txt'), `KEY=${word} ${n}\n`);
      if (kind === 'git') {
        git('update-ref', `refs/heads/keep${n}`, 'HEAD');
        write(join(tree, '.attempts/ids', String(n)), git('hash-object', '-w', join(target(n), 'secret.txt')).trim());
      }
      if (kind === 'processes' || kind === '/proc') victims.set(n, victim(n));
      write(join(tree, '.attempts', `${n}.sh`), `${lines(n)}\n${PRELUDE}\n${script}\n`);
    }
    const numbers = attempts.map((_, n) => n).join(' ');
    const each = 'timeout -s KILL 15 sh .attempts/$n.sh </dev/null >.attempts/$n.out 2>&1';
    write(join(tree, '.attempts/run.sh'), `for n in ${numbers}; do ${each}; done\necho over >.attempts/over\n`);
  };

  const victim = (n: number): ChildProcess => {
    const file = openSync(join(target(n), 'secret.txt'), 'r');
    const stdio = [...Array.from({ length: 9 }, () => 'ignore' as const), file];
    const child = spawn('/usr/bin/perl', ['-e', 'my $p = getppid; sleep 1 while getppid == $p', word, `victim-${n}`], {
      cwd: target(n),
      env,
      detached: true,
      stdio,
    });
    closeSync(file);
    return child;
  };

  function endVictims(): void {
    for (const child of victims.values()) if (child.pid !== undefined) killQuietly(child.pid);
    victims.clear();
    for (const name of readdirSync('/proc')) {
      if (/^\d+$/.test(name) && /^sleep\x00900\d\d\d?\x00$/.test(readQuietly(`/proc/${name}/cmdline`))) killQuietly(Number(name));
    }
  }

  const outside: Outside = {
    root,
    target,
    git,
    isWell: (n) => {
      const state = /\) (\w)/.exec(readQuietly(`/proc/${victims.get(n)?.pid}/stat`))?.[1];
      return state !== undefined && !'ZXTt'.includes(state);
    },
  };

  return {
    ...outside,
    async attempt(attempts, where) {
      const { port } = tcp.address() as { port: number };
      prepare(attempts, (n) =>
        Object.entries({
          ...{ ROOT: root, PERSON: person, T: target(n), V: String(victims.get(n)?.pid ?? 0), G: join(root, '.git'), N: String(n) },
          ...{
            PORT: String(port),
            SERVICE: servicePort,
            UDP: String(udp.address().port),
            SOCK: socketPath,
            ABSTRACT: shm,
            SHM: shm,
            KEY: String(key),
            ADDRESS: address,
          },
        })
          .map(([name, value]) => `${name}='${value}'`)
          .join('\n'),
      );
      const [file, args] =
        where === 'outside'
          ? ['/bin/sh', ['.attempts/run.sh']]
          : [process.execPath, [ownProgram('main'), 'sandbox', 'try', '--task', 'gh-1', '--', '/bin/sh', '.attempts/run.sh']];
      const folder = openSync(base, 'r');
      const handedOn = [...Array.from({ length: HANDED_ON - 3 }, () => 'ignore' as const), folder];
      const child = spawn(file, args, { cwd: where === 'outside' ? tree : root, env, stdio: ['ignore', 'pipe', 'pipe', ...handedOn] });
      closeSync(folder);
      const said: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk));
      await new Promise((resolve) => child.once('exit', resolve));
      if (!existsSync(join(tree, '.attempts/over'))) throw new Error(`the attempts did not run: ${Buffer.concat(said).toString()}`);
      if (where === 'inside') await takeOver(root);
      return new Set(
        attempts.filter(({ sign }, n) => {
          if (typeof sign === 'object') return sign.does(outside, n);
          return readQuietly(join(tree, '.attempts', `${n}.out`)).includes(sign === 'says' ? word : 'GOT');
        }),
      );
    },
    lacking: (attempts) => new Set(attempts.filter((_, n) => /: not found$/m.test(readQuietly(join(tree, '.attempts', `${n}.out`))))),
    async close() {
      endVictims();
      for (const server of servers) server.close();
      service.closeAllConnections();
      service.close();
      udp.close();
      rmSync(`/dev/shm/${shm}`, { force: true });
      ofSystemV('shmctl(shmget($ARGV[0], 0, 0), 0, 0); msgctl(msgget($ARGV[0], 0), 0, 0)');
      const egress = Number.parseInt(readQuietly(join(root, '.tac8/egress/pid')), 10);
      if (egress > 0) killQuietly(egress);
      rmSync(base, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

const ownHome = (): string => process.env.HOME ?? homedir();

/** What was unpacked for the one who runs this is not unpacked once more for the person of the attempts. */
function shareImages(person: string): void {
  const images = join(ownHome(), '.cache/tac8/images');
  mkdirSync(images, { recursive: true, mode: 0o700 });
  mkdirSync(join(person, '.cache/tac8'), { recursive: true });
  symlinkSync(images, join(person, '.cache/tac8/images'));
}

/** Where podman has the images of the one who runs this. */
const podmansOwn = (): Readonly<Record<string, string>> => ({
  XDG_DATA_HOME: process.env.XDG_DATA_HOME ?? join(ownHome(), '.local/share'),
  ...(process.env.XDG_RUNTIME_DIR === undefined ? {} : { XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR }),
});

/** As the daemon does it. */
async function takeOver(root: string): Promise<void> {
  await createPrivateGit({ root, dir: 'trees', branchPrefix: 'auto/', gitTimeoutMs: () => 30_000, read: readInBox }).take('gh-1', true);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
