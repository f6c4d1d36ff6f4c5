import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/*
 * Every process of the same user can read what the daemon was started with, in /proc. The canary is the token itself; the twin is another
 * program with the same environment.
 */

const tryRead = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // ended meanwhile, or of another user
  }
};

/** Files of processes that show the text, as `PID file`, of those whose environment or command line names the home. */
const shownBy = (text: string, home: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`)
    .flatMap((pid) => {
      const files = ['environ', 'cmdline'].map((file) => ({ name: `${pid} ${file}`, text: tryRead(`/proc/${pid}/${file}`) }));
      if (!files.some((file) => file.text.includes(home))) return [];
      return files.filter((file) => file.text.includes(text)).map(({ name }) => name);
    });

test(
  'while a daemon and its worker are at it, no process of theirs shows the token; twin: another program does',
  { timeout: 180_000 },
  async (context) => {
    const place = await workplace(context);
    const token = place.env.GITHUB_TOKEN ?? expect.fail('the daemon has no token');
    place.configure({ agent: place.agent('while [ ! -e "$1/end" ]; do sleep 0.05; done') });
    place.issue('Look around');
    const daemon = place.start();
    await place.until('a worker', async () => (await place.status()).tasks[0]?.run?.pid != null, 90_000);
    expect(tryRead(`/proc/${daemon.pid}/environ`)).toContain('GITHUB_TOKEN=');
    expect(shownBy(token, place.home)).toEqual([]);
    const other = spawn('sleep', ['60'], { env: { ...place.env } });
    await once(other, 'spawn');
    expect(shownBy(token, place.home)).toEqual([`${other.pid} environ`]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect((await place.tac8('stop', '--now')).code).toBe(0);
  },
);
