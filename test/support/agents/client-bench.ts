import type { ClientSpec, Driver, Ground, OneShot, Talk } from '../../../src/agents/client/driver.ts';
import { tellLine } from '../../../src/agents/client/input.ts';
import { parseLine } from '../../../src/agents/line.ts';
import type { AgentEvent, Said } from '../../../src/agents/words/events.ts';
import { turnEnded } from '../../../src/agents/words/turn-end.ts';
import type { ChildEnd, ChildSide } from '../../../src/client/child.ts';
import { createClient } from '../../../src/client/client.ts';

const SPEC: ClientSpec = {
  ...{
    driver: 'none',
    command: ['agent'],
    model: 'a-model',
    effort: null,
    worktree: '/tree',
    folder: '/run',
    raw: '/raw',
    patience: 60_000,
  },
};
export const here = { at: null, parent: null } as const;
export const tool = (id: string): AgentEvent => ({ ...here, kind: 'tool_start', id, name: 'Bash', input: {}, message: null, usage: null });
export const toolEnd = (id: string): AgentEvent => ({ ...here, kind: 'tool_end', id, ok: true, output: '', detail: null });
export const text = (words: string): AgentEvent => ({ ...here, kind: 'text', text: words, message: null, usage: null });
export const end = (event: Said<'turn_end'> = turnEnded('completed')): AgentEvent => ({ ...here, ...event });
export const retry = (over: Partial<Said<'retry'>> = {}): AgentEvent => ({
  ...here,
  ...{ kind: 'retry', attempt: 1, maxAttempts: null, delayMs: null, status: null, refusal: null, cause: 'no network', ...over },
});

const nothing = (): void => undefined;

/** A client on a made-up agent and clock. `steers`: whether it takes a message in the middle of a turn. */
export function clientBench({
  steers = true,
  answers,
  begins,
  works = () => true,
  prices = {},
  leavesTools,
  otherwise,
}: {
  readonly steers?: boolean;
  /** Whether it answers when it is asked for a sign of life; left out: it is not asked. */
  readonly answers?: () => boolean;
  /** Whether it has taken up a conversation; left out: nobody asks. */
  readonly begins?: () => boolean;
  /** Whether its process is at work. */
  readonly works?: () => boolean;
  readonly prices?: ClientSpec['prices'];
  readonly leavesTools?: true;
  readonly otherwise?: OneShot;
} = {}) {
  const log: AgentEvent[] = [];
  const did: string[] = [];
  const exits: ChildEnd[] = [];
  const timers: { due: number; go: (() => void) | null }[] = [];
  let now = 0;
  let stopAt: number | null = null;
  let ground: Ground | null = null;
  let side: ChildSide | null = null;
  let answered: ((taken: boolean) => void) | null = null;
  const talk: Talk = {
    begin: nothing,
    take: nothing,
    say: (words) => did.push(`say ${words}`),
    tell: (words, then) => {
      if (steers) did.push(`tell ${words}`);
      answered = then;
      return steers;
    },
    interrupt: () => did.push('interrupt'),
    ...(begins && { hasBegun: begins }),
    ...(answers && {
      probe: (alive) => {
        if (answers()) alive();
      },
    }),
  };
  const driver: Driver = {
    ...{ replies: 'tools', argv: () => ['agent'], ...(leavesTools && { leavesTools }), ...(otherwise && { otherwise }) },
    open: (given) => {
      ground = given;
      return talk;
    },
  };
  const client = createClient({ ...SPEC, prices }, null, driver, {
    now: () => now,
    write: (line) => void log.push(...parseLine(line)),
    raw: nothing,
    stopSince: () => stopAt,
    start: (argv, given) => {
      side = given;
      if (argv.length > 1) did.push(argv.join(' '));
      return {
        write: argv.length > 1 ? (words) => did.push(`write ${words}`) : nothing,
        endInput: () => did.push('end of input'),
        signal: (name) => did.push(name),
        isAtWork: works,
      };
    },
    after: (ms, go) => {
      const timer: (typeof timers)[number] = { due: now + ms, go };
      timers.push(timer);
      return () => {
        timer.go = null;
      };
    },
    exit: (how) => void exits.push({ code: how.code, signal: how.signal }),
  });
  return {
    ...{ client, did, exits },
    say: (words: string, name?: string) => client.order(tellLine(words, name)),
    hear: (...events: readonly AgentEvent[]) => {
      for (const event of events) ground?.hear(event);
    },
    end: (how: ChildEnd) => side?.ended(how),
    line: (fields: object) => side?.line(JSON.stringify(fields)),
    unable: (why: string) => ground?.unable(why),
    answer: (taken: boolean) => answered?.(taken),
    wantStop: () => {
      stopAt = now;
    },
    pass: (ms: number) => {
      now += ms;
      for (const timer of timers) {
        if (timer.go === null || timer.due > now) continue;
        const { go } = timer;
        timer.go = null;
        go();
      }
    },
    kinds: () => log.map(({ kind }) => kind),
    ends: () => log.flatMap((event) => (event.kind === 'turn_end' ? [event] : [])),
    heard: () =>
      log.flatMap((event) => (event.kind === 'quiet' ? [JSON.parse(event.line) as { state: string; command_uuid: string }] : [])),
    log,
  };
}
