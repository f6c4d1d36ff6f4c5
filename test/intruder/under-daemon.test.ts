import { expect, test } from 'vitest';
import { canBeRunBy, NOBODY } from '../support/machine/other-user.ts';
import { MAIN } from '../support/world/built.ts';
import { AHEAD_ALL } from './attacks/ahead.ts';
import type { Attack } from './attacks/attack.ts';
import { GIT } from './attacks/git.ts';
import { ODD } from './attacks/odd.ts';
import { PAGE } from './attacks/page.ts';
import { AROUND, SHARED } from './attacks/shared.ts';
import { DONE, raise, type Seen } from './attacks/stage.ts';
import { TAC8 } from './attacks/tac8.ts';

/*
 * Each attack is made by a worker under a running daemon: of the one who runs the tests, and of a user who may do nothing but what is theirs. Its canary
 * must not sound while the daemon ends the intruder's task and does somebody else's, which has to succeed; its twin, the safeguard taken away, must.
 * Some of them run with all tests; `npm run intruder` tries all, and says how many held.
 */

const ALL = [...GIT, ...TAC8, ...ODD, ...PAGE, ...AHEAD_ALL, ...SHARED, ...AROUND];
const { TAC8_INTRUDER: asked = '' } = process.env;
/** One of each kind that takes little time. */
const SAMPLE = [
  'http.proxy',
  'credential.helper',
  'a filter by .gitattributes',
  'it orders: reload',
  'over the page, by a process that shows nobody its files',
  'a process without its environment, session and name',
];
const isMeant = ({ point, what }: Attack): boolean =>
  asked === '' ? SAMPLE.includes(what) : asked === 'all' || new RegExp(asked).test(`${point}: ${what}`);
const CHOSEN = ALL.filter(isMeant);

const USERS = [
  ['the one who runs the tests', undefined],
  ...(canBeRunBy(NOBODY, process.execPath, MAIN) ? ([['an ordinary user', NOBODY]] as const) : []),
] as const;

test(`there are more than 60 attacks, each of a name of its own`, () => {
  expect(ALL.length).toBeGreaterThan(60);
  expect(new Set(ALL.map(({ what }) => what)).size).toBe(ALL.length);
});

test.each(USERS)('attacks under a daemon of %s', { timeout: 3_600_000 }, async (who, user) => {
  const hooks: (() => unknown)[] = [];
  const stage = await raise({ onTestFinished: (hook) => void hooks.push(() => hook({} as never)) }, user);
  const seen: Seen[] = [];
  try {
    for (const one of CHOSEN) {
      const came = await stage.attack(one);
      seen.push(came);
      if (asked !== '') process.stdout.write(`${JSON.stringify(came)}\n`);
    }
    expect(await stage.end()).toBe(0);
  } finally {
    for (const hook of hooks.reverse()) await hook();
    const held = seen.filter(({ heard, own, others }) => !heard && own === DONE && others === DONE);
    if (asked !== '')
      process.stdout.write(
        `${held.length} of ${CHOSEN.length} attacks held under a daemon of ${who}; ${seen.filter(({ twin }) => twin).length} twins sounded\n`,
      );
  }
  expect(seen).toEqual(CHOSEN.map(({ point, what }) => ({ what: `${point}: ${what}`, heard: false, twin: true, own: DONE, others: DONE })));
});
