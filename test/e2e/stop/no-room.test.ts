import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { mountSmallDisk } from '../../../src/chaos/world/disk.ts';
import { type Daemon, type TaskStatus, type Workplace, workplace } from '../../support/world/daemon.ts';
import { until } from '../../support/world/program.ts';

/** Minds no signal but the last. */
const AGENT = `
trap '' INT TERM
echo 'words' >work.txt
while [ ! -e "$1/end" ]; do sleep 0.05; done
`;

/** What keeps everything from being written down, and lets it again. */
interface Hindrance {
  /** Under the empty folder of the checkout; a sentence where the machine does not allow it. */
  ready(folder: string): Promise<string | null>;
  begin(place: Workplace): void;
  /** Null: it does not end. */
  readonly end: (() => void) | null;
}

const run = (command: string, ...args: readonly string[]): string => execFileSync(command, args, { encoding: 'utf8', timeout: 20_000 });

function fullDisk(): Hindrance {
  let disk: Awaited<ReturnType<typeof mountSmallDisk>> = 'not mounted';
  return {
    async ready(folder) {
      disk = await mountSmallDisk(folder, 24);
      return typeof disk === 'string' ? disk : null;
    },
    begin: () => typeof disk !== 'string' && disk.fill(),
    end: () => typeof disk !== 'string' && disk.free(),
  };
}

/** As the kernel makes it of a disk that fails. */
function readOnly(): Hindrance {
  let at = '';
  return {
    async ready(folder) {
      at = folder;
      const image = `${folder}.img`;
      try {
        run('dd', 'if=/dev/zero', `of=${image}`, 'bs=1M', 'count=48', 'status=none');
        run('mkfs.ext4', '-q', image);
        run('mount', '-o', 'loop', image, folder);
        return null;
      } catch (error) {
        return `no file system of its own can be mounted here: ${String(error)}`;
      }
    },
    begin: () => void run('mount', '-o', 'remount,abort', at),
    end: null,
  };
}

const lost = (): Hindrance => ({
  ready: async () => null,
  begin: (place) => rmSync(join(place.root, '.tac8'), { recursive: true, force: true, maxRetries: 5 }),
  end: null,
});

interface Scene {
  readonly place: Workplace;
  readonly daemon: Daemon;
  readonly task: string;
  readonly run: NonNullable<TaskStatus['run']>;
  readonly hindrance: Hindrance;
}

/** A live worker that minds nothing, where nothing can be written from now on. */
async function scene(context: TestContext, hindrance: Hindrance): Promise<Scene> {
  const place = await workplace(context);
  const aside = `${place.root}.aside`;
  renameSync(place.root, aside);
  mkdirSync(place.root);
  const refused = await hindrance.ready(place.root);
  if (refused !== null) context.skip(refused);
  context.onTestFinished(() => {
    if (readFileSync('/proc/mounts', 'utf8').includes(` ${place.root} `)) run('umount', '--lazy', place.root);
  });
  run('cp', '-a', `${aside}/.`, place.root);
  rmSync(aside, { recursive: true });
  const stop = { tool: '1s', interrupt: '1s', terminate: '1s', kill: '1s' };
  place.configure({ agent: place.agent(AGENT), limits: { min_free_disk: '1MB' }, stop });
  const task = `gh-${place.issue('Write words')}`;
  const daemon = place.start();
  const worker = await place.until(
    'a worker at work',
    async () => {
      const found = (await place.status()).tasks.find(({ id }) => id === task);
      return found?.run?.state === 'running' && existsSync(join(place.root, 'trees', task, 'work.txt')) ? found.run : null;
    },
    120_000,
  );
  hindrance.begin(place);
  return { place, daemon, task, run: worker, hindrance };
}

const WAYS = { full: fullDisk, 'read-only': readOnly, lost } as const;
const WORDS = { full: /: \d{1,5} bytes are free/, 'read-only': /is read-only/, lost: /\.tac8 is gone under the daemon/ } as const;
const TYPE = { STOP: 'stopped', kill: 'killed', cancel: 'cancelled' } as const;

test.for<[keyof typeof WAYS, keyof typeof TYPE]>([
  ['full', 'STOP'],
  ['full', 'cancel'],
  ['read-only', 'kill'],
  ['lost', 'kill'],
])(
  'a place that is %s: %s ends the worker within its time, and the end is written down when it can be (needs a user who may mount)',
  { timeout: 240_000 },
  async ([way, how], context) => {
    const { place, daemon, task, run: worker, hindrance } = await scene(context, WAYS[way]());
    if (how === 'STOP') writeFileSync(join(place.root, 'trees', task, 'STOP'), '');
    else {
      if (way === 'lost') expect((await place.tac8('status')).out).toMatch(WORDS[way]);
      const answer = await place.tac8(how, task, '--reason', 'wrong approach', '--timeout', '30');
      expect(answer, answer.err).toMatchObject({ code: 0 });
      if (way !== 'lost') expect(answer.out).toMatch(/of gh-1 (is ended|was sent SIGKILL).*nothing can be written down now/);
      else {
        // A daemon whose lock is gone leaves once nothing of it runs; the work is safe in git.
        expect(answer.out).toMatch(/^gh-1 killed after .*; work saved as [0-9a-f]{7}/);
        expect(existsSync(`/proc/${worker.pid}`)).toBe(false);
        return void (await daemon.end('SIGTERM'));
      }
    }
    // The ladder has 4 s here; the rest is for a busy machine.
    await until('the end of the agent', () => !existsSync(`/proc/${worker.pid}`), { within: 12_000 });
    const shown = await place.tac8('status');
    expect(shown.out).toMatch(WORDS[way]);
    expect(shown.out).toContain('health degraded');
    if (way === 'full') expect(shown.out).toContain(' 0 MiB disk free');
    if (hindrance.end === null) return void (await daemon.end('SIGKILL'));
    hindrance.end();
    const look = async () => (await place.status()).tasks.find(({ id }) => id === task);
    const end = await until('the end written down', async () => {
      const found = await look();
      return found?.run?.state === 'settled' ? found : null;
    });
    const reason = { type: TYPE[how], ...(how === 'STOP' ? {} : { message: 'wrong approach' }) };
    expect(end).toMatchObject({ state: 'failed', reason });
    expect(place.strays()).toEqual([]);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);
