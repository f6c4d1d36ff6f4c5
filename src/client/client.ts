import type { ClientSpec, Driver } from '../agents/client/driver.ts';
import { type Order, readOrder } from '../agents/client/input.ts';
import { logLine } from '../agents/client/log-line.ts';
import type { AgentEvent, EventOf } from '../agents/words/events.ts';
import { object, string } from '../agents/words/fields.ts';
import { priced } from '../agents/words/price.ts';
import { turnEnded } from '../agents/words/turn-end.ts';
import type { ChildEnd } from './child.ts';
import type { Speaker } from './speaker.ts';
import { endOf, isInVain, newTurn, note, type TurnState } from './turn.ts';
import { createSpeaker } from './two-ways.ts';
import type { ClientWorld } from './world.ts';

/** The client of one run: orders in, the agent's doings out as lines of the log. */
export interface Client {
  readonly order: (line: string) => void;
  /** Nothing more will be said: it leaves when the turn in hand is over. */
  readonly inputEnded: () => void;
  /** A signal for this process is one for the agent. */
  readonly signal: (name: NodeJS.Signals) => void;
}

/** How often a sign of life is written while the agent is at work and nothing else is. */
const BEAT = 30_000;
/** A tool that is told of this soon after a stop may have begun before it, and is waited for: agents say it late. */
const LATE = 250;
/** How often it is looked whether what goes on behind a turn is there at all. */
const LOOKS_BEHIND = 5_000;
/** How long an agent may take to end a turn that it was asked to end, before this is said for it. */
const OBEYS = 5_000;

type Say = Extract<Order, { kind: 'say' }>;

export function createClient(spec: ClientSpec, resume: string | null, driver: Driver, world: ClientWorld): Client {
  const queue: Say[] = [];
  const seen = new Set<string>();
  let turn: TurnState | null = null;
  /** Tools that have begun and not ended, of an agent that may leave some running; and whether they were told of as work behind the turn. */
  const going = new Map<string, string>();
  let isBehind = false;
  let session = resume;
  let model = spec.model;
  let isEnding = false;
  let replies = 0;
  /** The next thing that the model says is of another reply. */
  let isFresh = true;
  let writtenAt = world.now();
  let stopWaiting = (): void => undefined;
  let stopAt: number | null = null;

  const write = (event: AgentEvent): void => {
    const line = logLine(event, { session, model }, new Date(world.now()).toISOString());
    if (line !== null) put(line);
  };
  const put = (line: string): void => {
    writtenAt = world.now();
    world.write(line);
  };
  const lifecycle = ({ name }: Say, state: 'queued' | 'started'): void => {
    if (name !== null) put(JSON.stringify({ type: 'command_lifecycle', command_uuid: name, state, session_id: session }));
  };
  const here = { at: null, parent: null } as const;
  const handedOn = (say: Say): void => {
    lifecycle(say, 'started');
    write({ ...here, kind: 'user', text: say.text, synthetic: false, ours: true });
  };

  const speaker: Speaker = createSpeaker(spec, driver, world, {
    resume,
    hear,
    alive: () => {
      if (turn !== null && world.now() - writtenAt >= BEAT) beat(turn);
    },
    ended,
  });

  function hear(said: AgentEvent): void {
    // What it was sent is written when it is handed on, whether or not the agent says it again.
    if (said.kind === 'user' && !said.synthetic) return;
    const event = withPrice(said);
    if (event.kind === 'session') {
      session = event.session === '' ? session : event.session;
      model = event.model ?? model;
    }
    if (event.kind === 'turn_end') return finish(event);
    const named = event.kind === 'text' || event.kind === 'thinking' || event.kind === 'tool_start' ? inReply(event) : event;
    if (turn !== null) note(turn, named, world.now());
    if (event.kind === 'usage' && driver.replies === 'usage') isFresh = true;
    if (event.kind === 'tool_end' && driver.replies === 'tools') isFresh = true;
    write(named);
    if (driver.leavesTools === true) noteGoing(event);
    if (turn === null) return;
    if (event.kind === 'retry') troubled(turn);
    if (event.kind === 'tool_start') heedStop(turn, event);
    if (event.kind === 'tool_end') toolEnded(turn);
  }

  function noteGoing(event: AgentEvent): void {
    if (event.kind === 'tool_start') going.set(event.id, string(object(event.input)?.command) ?? event.name);
    if (event.kind === 'tool_end' && going.delete(event.id) && turn === null && isBehind) tellBehind();
  }

  /** What goes on behind the turn is part of the run, as long as its limit lets it. */
  function tellBehind(): void {
    const wasBehind = isBehind;
    isBehind = going.size > 0;
    write({ ...here, kind: 'background', works: [...going].map(([id, text]) => ({ id, text })) });
    if (isBehind && !wasBehind) world.after(LOOKS_BEHIND, lookBehind);
  }

  /** The end of what an agent took along with it, or forgot, is never told. */
  function lookBehind(): void {
    if (!isBehind) return;
    if (turn !== null || speaker.isAtWork()) {
      world.after(LOOKS_BEHIND, lookBehind);
      return;
    }
    going.clear();
    tellBehind();
  }

  /** What an agent does not say of its cost, the table of prices does. */
  function withPrice(event: AgentEvent): AgentEvent {
    const { prices = {} } = spec;
    if (event.kind === 'usage') return { ...event, usage: priced(event.usage, prices, model) };
    return event.kind === 'turn_end' && event.spent !== null ? { ...event, spent: priced(event.spent, prices, model) } : event;
  }

  /** Since when the run is to stop, as it was first seen: the file may be written again. */
  function isStopWanted(): boolean {
    const since = stopAt ?? world.stopSince();
    stopAt = since === null ? null : Math.min(since, world.now());
    return stopAt !== null;
  }

  /** A tool that began before the stop runs to its end; a further one ends the turn, and is not waited for. */
  function heedStop(now: TurnState, { id, at }: EventOf<'tool_start'>): void {
    if (!isStopWanted() || (at ?? world.now()) <= (stopAt ?? 0) + LATE) return;
    now.tools.delete(id);
    endTurn('stop');
  }

  function toolEnded(now: TurnState): void {
    if (now.tools.size > 0) return;
    if (now.held !== null) return finish(now.held);
    if (isStopWanted()) endTurn('stop');
  }

  function inReply<E extends EventOf<'text'> | EventOf<'thinking'> | EventOf<'tool_start'>>(event: E): E {
    if (isFresh) replies += 1;
    if (isFresh && turn !== null) turn.replies += 1;
    isFresh = false;
    return { ...event, message: `reply-${replies}` };
  }

  function troubled(now: TurnState): void {
    if (now.trouble === null) return;
    if (isInVain(now.trouble, spec.patience)) return endTurn('vain');
    stopWaiting();
    stopWaiting = world.after(Math.max(0, now.trouble.since + spec.patience - world.now()), () => {
      if (turn === now && now.trouble !== null) endTurn('vain');
    });
  }

  function endTurn(why: TurnState['asked']): void {
    const now = turn;
    if (now === null) return;
    // What was still waited for has had its time.
    if (now.held !== null) return end(now, now.held);
    if (now.asked === 'stop') return;
    const isFirst = now.asked === null;
    now.asked = why;
    speaker.interrupt();
    if (!isFirst) return;
    world.after(OBEYS, () => {
      if (turn === now && now.held === null) speaker.abandon(() => finish({ ...here, ...turnEnded('interrupted') }));
    });
  }

  function finish(said: EventOf<'turn_end'>): void {
    if (turn === null) return;
    // The agent has left the turn; what it had begun before the stop goes on, and is waited for.
    if (turn.asked === 'stop' && said.end === 'interrupted' && turn.tools.size > 0) turn.held = said;
    else end(turn, said);
  }

  function end(now: TurnState, said: EventOf<'turn_end'>): void {
    // Of one that was stopped or failed nothing goes on.
    if (said.end === 'completed' && (going.size > 0 || isBehind)) tellBehind();
    for (const event of endOf(now, said, world.now())) write(event);
    stopWaiting();
    turn = null;
    isFresh = true;
    next();
  }

  function next(): void {
    if (turn !== null) return;
    const say = queue.shift();
    if (say !== undefined) return begin(say);
    if (isEnding) speaker.close();
  }

  function begin(say: Say): void {
    handedOn(say);
    turn = newTurn(world.now());
    if (isStopWanted()) return finish({ ...here, ...turnEnded('stopped', { text: 'it was stopped before it began' }) });
    speaker.say(say.text);
    beats(turn);
  }

  function beats(of: TurnState): void {
    world.after(BEAT, () => {
      if (turn !== of) return;
      // One that hangs says nothing in its tool either: it is asked.
      const isQuiet = (): boolean => turn === of && world.now() - writtenAt >= BEAT / 2;
      if (of.tools.size > 0 && isQuiet())
        speaker.probe(() => {
          if (isQuiet()) beat(of);
        });
      beats(of);
    });
  }

  function beat(of: TurnState): void {
    const tool = [...of.tools.values()].at(-1) ?? null;
    write({ ...here, kind: 'heartbeat', tool, elapsedSeconds: null });
  }

  function ended(end: ChildEnd): void {
    // It was told to leave, all was done: how it was made to leave says nothing of the run.
    world.exit(isEnding && turn === null ? { code: 0, signal: null } : end);
  }

  function told(say: Say): void {
    if (say.name !== null && seen.has(say.name)) return;
    if (say.name !== null) seen.add(say.name);
    lifecycle(say, 'queued');
    if (turn === null) return begin(say);
    const isGiven = speaker.tell(say.text, (taken) => {
      if (taken) return handedOn(say);
      queue.push(say);
      next();
    });
    if (!isGiven) queue.push(say);
  }

  return {
    order: (line) => {
      const order = readOrder(line);
      if (order?.kind === 'say') told(order);
      if (order?.kind === 'interrupt') endTurn('interrupt');
    },
    inputEnded: () => {
      isEnding = true;
      next();
    },
    signal: (name) => speaker.signal(name),
  };
}
