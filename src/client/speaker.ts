import type { AgentEvent } from '../agents/words/events.ts';
import type { Child, ChildEnd } from './child.ts';
import type { ClientWorld } from './world.ts';

/** What the client does to an agent. */
export interface Speaker {
  readonly say: (text: string) => void;
  readonly tell: (text: string, answered: (taken: boolean) => void) => boolean;
  readonly interrupt: () => void;
  /** Asks whether it still answers; `alive` says that it does. */
  readonly probe: (alive: () => void) => void;
  /** It has processes of its own that go on. */
  readonly isAtWork: () => boolean;
  /** It did not end its turn: it is made to, and `then` says so. */
  readonly abandon: (then: () => void) => void;
  /** Nothing more comes. */
  readonly close: () => void;
  readonly signal: (name: NodeJS.Signals) => void;
}

export interface SpeakerSide {
  /** The conversation to take up; null: a new one. */
  readonly resume: string | null;
  readonly hear: (event: AgentEvent) => void;
  /** It said something, whatever it was. */
  readonly alive: () => void;
  /** It is gone, and the run with it. */
  readonly ended: (end: ChildEnd) => void;
}

/** How long an agent that is to leave may take, before and after SIGTERM. */
export const LEAVES = 3_000;
/** A signal for the client is passed on, and the client follows it, the agent or no. */
const FOLLOWS = 2_000;

export function passOn(child: Child | null, name: NodeJS.Signals, world: ClientWorld): void {
  child?.signal(name);
  world.after(FOLLOWS, () => world.exit({ code: null, signal: name }));
}
