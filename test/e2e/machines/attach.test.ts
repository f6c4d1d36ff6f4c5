import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fleet, lives, running } from '../../support/postgres/machines.ts';
import { openShell, type Terminal } from '../../support/terminal/terminal.ts';
import { MAIN } from '../../support/world/built.ts';

const SESSION = '11111111-2222-4333-8444-555555555555';

/** As a worker it says who it is and works until it is ended; for a person it is a screen that takes lines. */
const AGENT = `#!/bin/sh
case " $* " in
  *' -p '*)
    echo '{"type":"system","subtype":"init","session_id":"${SESSION}","cwd":"/","tools":[],"model":"m"}'
    echo work >work.txt
    exec cat >/dev/null ;;
esac
printf 'session %s in %s\\n' "$2" "$PWD"
read -r line; echo "$line" >>work.txt
`;

test(
  'attach to a run elsewhere: the conversation is opened there, and handed back to the machine that has it',
  { timeout: 240_000 },
  async (context) => {
    const all = await fleet(context);
    const { place, postgres, runner, folder } = all;
    place.repo.write('agent.sh', AGENT, place.home);
    place.configure({ machines: {}, base_branch: 'main', agent: { kind: 'claude', command: ['/bin/sh', join(place.home, 'agent.sh')] } });
    const task = `gh-${place.issue('Say hello')}`;
    place.start();
    const one = runner('one');
    const first = await running(all, task);
    const [here, there] = [await openShell(context, place, { columns: 160 }), await openShell(context, place, { columns: 160 })];
    const type = async (terminal: Terminal, words: string): Promise<void> => {
      await terminal.type(`${process.execPath} ${MAIN} ${words}; echo left-$?`);
      await terminal.press('Enter');
    };
    const attachThere = `runner --join ${postgres.url} --dir ${folder('one')} --name one --attach ${task}`;
    await type(there, attachThere);
    await there.shows(`nobody has asked for ${task} on one`, 60_000);
    await type(here, `attach ${task}`);
    await here.shows(new RegExp(`tac8 runner --join … --dir ${folder('one')} --name one --attach ${task}`), 90_000);
    expect(lives(first.pid)).toBe(false);
    await there.type('clear');
    await there.press('Enter');
    await type(there, attachThere);
    await there.shows(`session ${SESSION} in ${join(folder('one'), 'trees', task)}`, 60_000);
    expect((await place.tac8('why', task)).out).toMatch(/paused by a person/);
    await there.type('a person was here');
    await there.press('Enter');
    await there.shows(/left-0/, 60_000);
    await here.shows(`${task} is handed back: it goes on in the same conversation`, 90_000);
    const second = await place.until(
      'the next run',
      async () => (await place.status()).tasks.find(({ run }) => run?.pid != null && run.id !== first.id),
      90_000,
    );
    expect(second.run).toMatchObject({ machine: 'one' });
    expect((await place.tac8('kill', task)).code).toBe(0);
    await one.end('SIGTERM');
  },
);
