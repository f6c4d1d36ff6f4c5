import type { ToolServers } from '../ground/mcp.ts';
import type { AgentEvent, Fields } from '../words/events.ts';
import type { Prices } from '../words/price.ts';

/*
 * An agent that does not speak as Claude Code does has a client: a small process of the run itself, between the run's input and log and the
 * agent. It outlives the daemon as the agent does. What it says to an agent, and how, stands in the agent's own folder as a driver.
 */

/** What the client is launched with; `client.json` in the run's folder. */
export interface ClientSpec {
  /** The agent's name in the table of drivers. */
  readonly driver: string;
  /** The agent's program and what comes before the driver's own arguments. */
  readonly command: readonly [string, ...string[]];
  readonly model: string | null;
  /** How hard it thinks; null: as it is set. */
  readonly effort: string | null;
  readonly worktree: string;
  /** The run's own. */
  readonly folder: string;
  /** Where what the agent itself says is kept. */
  readonly raw: string;
  /** Milliseconds that an agent may try in vain to reach its provider. */
  readonly patience: number;
  /** Whether the repository's own agent settings count. Left out by an earlier version: they do not. */
  readonly repoSettings?: boolean;
  /** Tool servers that the agent is given. Left out by an earlier version: none. */
  readonly mcp?: ToolServers;
  /** What models cost, for an agent that does not say it. */
  readonly prices?: Prices;
  /** The home of whoever runs tac8. */
  readonly home?: string;
}

/** What a driver is given of the run. */
export interface Ground {
  readonly spec: ClientSpec;
  /** The conversation to take up; null: a new one. */
  readonly resume: string | null;
  /** What the agent did or said, for the run's log. */
  readonly hear: (event: AgentEvent) => void;
  /** A line for the agent's stdin. */
  readonly write: (line: string) => void;
  /** A line that the agent said by another way than its stdout. */
  readonly came: (line: string) => void;
  /** Known to this run's client and its agent alone. */
  readonly secret: string;
  /** It does not speak as it should, and has done nothing yet: it is spoken to in the other way that the driver has. */
  readonly unable: (why: string) => void;
}

/** An agent that is one process for the whole run and is spoken to by lines. */
export interface Talk {
  /** Once, before anything else. */
  readonly begin: () => void;
  /** A line that the agent said. */
  readonly take: (fields: Fields) => void;
  /** A line of its stdout that is no object. */
  readonly aside?: (line: string) => void;
  /** Whether it has taken up its conversation, without which no turn begins. Left out: its first word says so. */
  readonly hasBegun?: () => boolean;
  /** Begins a turn; ends with the event `turn_end`. */
  readonly say: (text: string) => void;
  /** For the turn in hand; `answered` says whether the agent has it. False: there is none that can be told. */
  readonly tell: (text: string, answered: (taken: boolean) => void) => boolean;
  /** Ends the turn in hand. */
  readonly interrupt: () => void;
  /** Asks for a sign of life that costs nothing; `alive` once it is there. Left out: its process is one. */
  readonly probe?: (alive: () => void) => void;
}

/** An agent that is one process for each turn, and is told nothing in the middle of it. */
export interface OneShot {
  /** What is run, and what it stands for, in words for people. */
  readonly what: string;
  readonly insteadOf: string;
  readonly argv: (spec: ClientSpec, conversation: string | null) => readonly [string, ...string[]];
  /** A line of its stdout; null: none that means something. */
  readonly events: (fields: Fields, line: string) => readonly AgentEvent[] | null;
}

export interface Driver {
  /** What tells one reply of the model from the next: what it came to is said after it, or it begins after the end of tools. */
  readonly replies: 'usage' | 'tools';
  readonly argv: (spec: ClientSpec) => readonly [string, ...string[]];
  /** Variables that the agent is started with. */
  readonly variables?: (spec: ClientSpec, secret: string) => Readonly<Record<string, string>>;
  /** A tool may go on when the turn is over, and its end is told then. */
  readonly leavesTools?: true;
  /** The end of its input does not make it leave: a signal does. */
  readonly leavesBySignal?: true;
  /** Where the agent ends before it says a word, or says that it is unable. */
  readonly otherwise?: OneShot;
  readonly open: (ground: Ground) => Talk;
}
