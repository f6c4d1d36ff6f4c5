import { randomUUID } from 'node:crypto';
import type { ClientSpec, Driver, Talk } from '../agents/client/driver.ts';
import { parseObject } from '../agents/words/fields.ts';
import type { ChildEnd } from './child.ts';
import { LEAVES, passOn, type Speaker, type SpeakerSide } from './speaker.ts';
import type { ClientWorld } from './world.ts';

/** After so long without a word or a conversation of it, another way is tried, where there is one. */
const FIRST_WORD = 60_000;

interface OneSide extends SpeakerSide {
  /** False: there is no other way. */
  readonly unable: (why: string) => boolean;
}

/** An agent that is one process for the whole run. */
export function createOneProcess(spec: ClientSpec, driver: Driver, world: ClientWorld, side: OneSide): Speaker {
  const secret = randomUUID();
  let hasSpoken = false;
  let isGivenUp = false;
  let isAsked = false;
  const said = (line: string): void => {
    if (isGivenUp) return;
    world.raw(line);
    side.alive();
    const fields = parseObject(line);
    if (fields === null) return talk.aside?.(line);
    hasSpoken = true;
    talk.take(fields);
  };
  const ended = (end: ChildEnd): void => {
    if (isGivenUp) return;
    isGivenUp = true;
    const isMute = !hasSpoken && !isAsked && end.signal === null && end.code !== 127 && end.code !== 126;
    if (isMute && side.unable(`ended before its first word (exit code ${end.code})`)) return;
    side.ended(end);
  };
  const child = world.start(driver.argv(spec), { line: said, variables: driver.variables?.(spec, secret) ?? {}, ended });
  const unable = (why: string): void => {
    if (isGivenUp || !side.unable(why)) return;
    isGivenUp = true;
    child.signal('SIGKILL');
  };
  const talk: Talk = driver.open({ spec, resume: side.resume, hear: side.hear, write: child.write, came: said, secret, unable });
  talk.begin();
  world.after(FIRST_WORD, () => {
    if (isAsked) return;
    if (!hasSpoken) unable(`has said nothing for ${FIRST_WORD / 1000} s`);
    else if (talk.hasBegun?.() === false) unable(`has not begun a conversation for ${FIRST_WORD / 1000} s`);
  });
  const leaving = (go: () => void): void => {
    isAsked = true;
    go();
  };
  return {
    say: talk.say,
    tell: talk.tell,
    interrupt: talk.interrupt,
    isAtWork: child.isAtWork,
    probe: talk.probe ?? ((alive) => alive()),
    abandon: (then) => {
      then();
      child.signal('SIGKILL');
    },
    close: () =>
      leaving(() => {
        child.endInput();
        if (driver.leavesBySignal === true) child.signal('SIGTERM');
        world.after(LEAVES, () => child.signal('SIGTERM'));
        world.after(2 * LEAVES, () => child.signal('SIGKILL'));
      }),
    signal: (name) => leaving(() => passOn(child, name, world)),
  };
}
