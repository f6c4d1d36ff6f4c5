import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Programs that the tests start, the Debian package of each, and what for. */
const NEEDED: readonly { readonly program: string; readonly debian: string; readonly why: string }[] = [
  { program: 'git', debian: 'git', why: 'worktrees, branches and pushes are tested on real repositories' },
  { program: 'git-lfs', debian: 'git-lfs', why: 'files of git-lfs are uploaded by the real one' },
  { program: 'sshd', debian: 'openssh-server', why: 'ssh addresses are tested with a real server on loopback' },
  { program: 'ssh', debian: 'openssh-client', why: 'ssh addresses are tested with the real client' },
  { program: 'bwrap', debian: 'bubblewrap', why: 'workers are tested in the sandbox that it makes' },
  { program: 'gcc', debian: 'gcc', why: 'a Makefile is run in the sandbox' },
  { program: 'make', debian: 'make', why: 'a Makefile is run in the sandbox' },
  { program: 'python3', debian: 'python3', why: 'an environment of Python’s is made in the sandbox' },
  { program: 'openssl', debian: 'openssl', why: 'certificates of a company’s own are made with it' },
  { program: 'chromium', debian: 'chromium', why: 'the pages that tac8 writes are opened in a real browser' },
  { program: 'jq', debian: 'jq', why: 'the one-liners on logs that the README promises are run as they stand' },
  { program: 'ps', debian: 'procps', why: 'the board’s PID is compared with what ps, kill and pkill see' },
  { program: 'script', debian: 'bsdutils', why: 'what people type at logs is typed into a terminal' },
  { program: 'unshare', debian: 'util-linux', why: 'workers are tested in PID namespaces and as PID 1' },
  { program: 'pg_ctlcluster', debian: 'postgresql', why: 'what several machines share is tested in a real Postgres' },
  { program: 'tmux', debian: 'tmux', why: 'what happens in a terminal is tested in one: keys go in, the screen is looked at' },
  { program: 'zsh', debian: 'zsh', why: 'completion is tested with the shells themselves' },
  { program: 'fish', debian: 'fish', why: 'completion is tested with the shells themselves' },
];
/** Without them some tests are skipped, and say so. */
const WANTED: typeof NEEDED = [
  { program: 'podman', debian: 'podman', why: 'workers are tested with the files of an image of podman’s' },
  { program: 'systemd-analyze', debian: 'systemd', why: 'the unit of `tac8 service` is checked by it, and run by a systemd of its own' },
];
const INSTALL_LIMIT_MS = 300_000;

/** Gets the programs that the tests start and npm cannot bring; says nothing when all are there. */
function prepare(): void {
  const missing = NEEDED.filter(({ program }) => !isOnPath(program));
  if (missing.length > 0) install(missing.map(({ debian }) => debian));
  const absent = NEEDED.filter(({ program }) => !isOnPath(program));
  if (absent.length > 0) {
    const lines = absent.map(({ program, debian, why }) => `  ${program} (Debian: ${debian}): ${why}`);
    throw new Error(`the tests need programs that are not on PATH:\n${lines.join('\n')}\nInstall them, then try again.`);
  }
  for (const { program, debian, why } of WANTED) if (!isOnPath(program)) tryToInstall(program, debian, why);
}

function tryToInstall(program: string, debian: string, why: string): void {
  try {
    install([debian]);
  } catch {
    // apt has said why; the next line says what that means.
  }
  if (!isOnPath(program)) console.warn(`Not on PATH: ${program} (Debian: ${debian}). Skipped: ${why}`);
}

/** Programs of a server are in folders that are not on everybody's PATH. */
function isOnPath(program: string): boolean {
  return [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}

/** Only root may, and only where there is apt; elsewhere the list of what is missing is all that can be done. */
function install(packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || !isOnPath('apt-get')) return;
  const apt = (...args: string[]): void => {
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: INSTALL_LIMIT_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  };
  console.log(`Installing ${packages.join(', ')} for the tests`);
  apt('update');
  apt('install', '--yes', '--no-install-recommends', ...packages);
}

try {
  prepare();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
