import type { ClientSpec, OneShot } from '../agents/client/driver.ts';
import type { EventOf } from '../agents/words/events.ts';
import { parseObject } from '../agents/words/fields.ts';
import { turnEnded } from '../agents/words/turn-end.ts';
import type { Child } from './child.ts';
import { LEAVES, passOn, type Speaker, type SpeakerSide } from './speaker.ts';
import type { ClientWorld } from './world.ts';

const here = { at: null, parent: null } as const;

/** Speaks to an agent that is one process for each turn: the message is its stdin, and its end is the turn's. */
export function createOneShot(spec: ClientSpec, how: OneShot, world: ClientWorld, side: SpeakerSide): Speaker {
  let conversation = side.resume;
  let child: Child | null = null;
  /** The end that it told of, which counts once it is gone: it holds its conversation until then. */
  let said: EventOf<'turn_end'> | null = null;
  let isUnwanted = false;
  let isClosing = false;

  function line(text: string): void {
    world.raw(text);
    side.alive();
    const fields = parseObject(text);
    for (const event of fields === null ? [] : (how.events(fields, text) ?? [])) {
      if (event.kind === 'session') conversation = event.session;
      if (event.kind === 'turn_end') said = event;
      else side.hear(event);
    }
  }
  function say(text: string): void {
    [said, isUnwanted] = [null, false];
    const started = world.start(how.argv(spec, conversation), {
      line,
      ended: (end) => {
        if (child === started) child = null;
        if (said !== null) side.hear(said);
        else if (isUnwanted) side.hear({ ...here, ...turnEnded('interrupted') });
        else return side.ended(end);
        if (isClosing) side.ended({ code: 0, signal: null });
      },
    });
    child = started;
    child.write(text);
    child.endInput();
  }
  function close(): void {
    isClosing = true;
    if (child === null) return side.ended({ code: 0, signal: null });
    world.after(LEAVES, () => child?.signal('SIGTERM'));
    world.after(2 * LEAVES, () => child?.signal('SIGKILL'));
  }
  const isAtWork = (): boolean => child?.isAtWork() === true;
  return {
    say,
    tell: () => false,
    interrupt: () => {
      isUnwanted = true;
      child?.signal('SIGINT');
    },
    isAtWork,
    // It cannot be asked: what its process does in a tool is its sign of life.
    probe: (alive) => {
      if (isAtWork()) alive();
    },
    abandon: (then) => {
      child?.signal('SIGKILL');
      then();
    },
    close,
    signal: (name) => passOn(child, name, world),
  };
}
