import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/*
 * A worker can put a named pipe in the place of a file. Whoever opens it in the plain way waits for its other end for ever: the loop's only thread, or one of
 * the four that read files. So files are opened through `src/files/open-plain.ts`; what opens them in another way stands here, with the reason.
 */

const ROOT = join(import.meta.dirname, '../../..');

const KERNEL = 'what the kernel shows';
const PACKAGE = 'a file of the package';
const NEW = 'made here, new, in a folder that nobody else knows';
const CAREFUL = 'opens without waiting by itself';
const OPENED = 'reads what was opened carefully';
const BESIDE = 'a program of its own beside the daemon, which starts it with what it needs';

const MEANT: Readonly<Record<string, string>> = {
  'src/adapters/board/file/file.ts': CAREFUL,
  'src/adapters/door/door.ts': 'a folder, to name what is in it',
  'src/adapters/door/knock.ts': 'a folder, to name what is in it',
  'src/adapters/egress/egress.ts': BESIDE,
  'src/adapters/egress/face.ts': BESIDE,
  'src/adapters/git/call/abandoned.ts': KERNEL,
  'src/adapters/git/call/git-at-work.ts': KERNEL,
  'src/adapters/git/packs/adopt.ts': NEW,
  'src/adapters/git/packs/packs.ts': NEW,
  'src/adapters/git/private/take.ts': NEW,
  'src/adapters/git/saved/kept-index.ts': CAREFUL,
  'src/adapters/git/sound/sound.ts': CAREFUL,
  'src/adapters/git/transport/lfs.ts': CAREFUL,
  'src/adapters/git/transport/station.ts': NEW,
  'src/adapters/git/trees/include.ts': 'copies what was a plain file a moment ago, into a worktree that no worker has yet',
  'src/adapters/git/view/files.ts': CAREFUL,
  'src/adapters/machine/readings.ts': KERNEL,
  'src/adapters/process/box/foreground.ts': NEW,
  'src/adapters/process/jobs.ts': NEW,
  'src/adapters/process/proc/marks.ts': KERNEL,
  'src/adapters/process/proc/own-environment.ts': KERNEL,
  'src/adapters/process/proc/proc.ts': KERNEL,
  'src/adapters/process/proc/run-folder.ts': OPENED,
  'src/adapters/process/run/inherited.ts': KERNEL,
  'src/adapters/process/run/input.ts': CAREFUL,
  'src/adapters/process/run/launch.ts': NEW,
  'src/adapters/store/lock/lock-owner.ts': KERNEL,
  'src/adapters/store/lock/lock.ts': CAREFUL,
  'src/adapters/text/in-thread.ts': PACKAGE,
  'src/agents/ground/guidance.ts': OPENED,
  'src/cli/complete/complete.ts': PACKAGE,
  'src/cli/complete/completion.ts': PACKAGE,
  'src/cli/ground/version.ts': PACKAGE,
  'src/cli/report/export-task.ts': 'a file that a person names',
  'src/client/child.ts': KERNEL,
  'src/client/main.ts': BESIDE,
  'src/client/out.ts': CAREFUL,
  'src/doctor/leftovers/git-locks.ts': KERNEL,
  'src/doctor/project/project-checks.ts': 'a login in the person’s own home',
  'src/egress/main.ts': BESIDE,
  'src/egress/notes/meter.ts': BESIDE,
  'src/egress/renew.ts': BESIDE,
  'src/egress/rules.ts': BESIDE,
  'src/files/open-plain.ts': CAREFUL,
  'src/files/remove-folder.ts': 'folders alone, and what the kernel shows',
  'src/files/write-whole.ts': CAREFUL,
  'src/http/guard/keys.ts': OPENED,
  'src/http/site/page.ts': PACKAGE,
  'src/machines/alone/charges.ts': BESIDE,
  'src/read/hindrance.ts': KERNEL,
};

const WAITS =
  /import \{[^}]*\b(?:readFile|readFileSync|createReadStream|openSync|open|appendFile|appendFileSync|copyFile|copyFileSync)\b[^}]*\} from 'node:fs(?:\/promises)?'/;
/** Worlds of their own, which no stranger writes into. */
const APART = /^src\/(?:demo|chaos|forge-fake|escape)\/|\.test\.ts$/;

test('files that a worker can replace are opened without waiting', () => {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'src'], { cwd: ROOT, encoding: 'utf8' });
  const files = listed.split('\n').filter((file) => file.endsWith('.ts') && !APART.test(file) && existsSync(join(ROOT, file)));
  expect(files.length).toBeGreaterThan(500);
  const plain = files.filter((file) => WAITS.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(plain.sort()).toEqual(Object.keys(MEANT).sort());
});
