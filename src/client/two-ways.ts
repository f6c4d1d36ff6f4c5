import type { ClientSpec, Driver } from '../agents/client/driver.ts';
import { createOneProcess } from './one-process.ts';
import { createOneShot } from './one-shot.ts';
import type { Speaker, SpeakerSide } from './speaker.ts';
import type { ClientWorld } from './world.ts';

/** Speaks to the agent as its driver does; where the agent is not able to, in the other way that the driver has, from the first message on. */
export function createSpeaker(spec: ClientSpec, driver: Driver, world: ClientWorld, side: SpeakerSide): Speaker {
  const { otherwise } = driver;
  const kept: string[] = [];
  let now: Speaker;
  let isOther = false;
  const change = (why: string): boolean => {
    if (otherwise === undefined || isOther) return false;
    isOther = true;
    // Of one that says nothing in that way either, nothing is to be said: it never began.
    let note: string | null = `${otherwise.insteadOf} ${why}: ${otherwise.what} is used, which hears a message as its next turn`;
    const hear: SpeakerSide['hear'] = (event) => {
      if (note !== null) side.hear({ at: null, parent: null, kind: 'note', text: note });
      note = null;
      side.hear(event);
    };
    now = createOneShot(spec, otherwise, world, { ...side, hear });
    for (const text of kept) now.say(text);
    return true;
  };
  now = createOneProcess(spec, driver, world, { ...side, unable: change });
  return {
    say: (text) => {
      if (!isOther) kept.splice(0, 1, text);
      now.say(text);
    },
    tell: (text, answered) => now.tell(text, answered),
    interrupt: () => now.interrupt(),
    isAtWork: () => now.isAtWork(),
    probe: (alive) => now.probe(alive),
    abandon: (then) => now.abandon(then),
    close: () => now.close(),
    signal: (name) => now.signal(name),
  };
}
