import type { Abilities } from '../../core/agent/abilities.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import type { Needs } from '../../engine/ports/machine/box.ts';
import type { AgentEvent, Fields } from '../words/events.ts';
import type { Price } from '../words/price.ts';
import type { GuidancePlaces } from './guidance.ts';
import type { AgentSettings, Machine } from './settings.ts';

/**
 * One agent: what it can, as data, and the functions that keep what the data promises. It is all that anybody outside of the agent's own
 * folder knows of it. A function that its abilities do not promise is left out.
 */
export interface AgentKind {
  readonly can: Abilities;
  readonly written: Written;
  /** Variables of its own, set for each of its workers. */
  readonly variables: (machine: Machine, settings: Pick<AgentSettings, 'repoSettings'>) => Readonly<Record<string, string>>;
  readonly logins: Logins;
  /** Puts into a home in a sandbox what it would ask its person before the first word, and no login. Left out: it asks nothing. */
  readonly welcome?: (settings: AgentSettings, home: string) => Promise<void>;
  /** How its services are reached from a sandbox. */
  readonly routes: (readHome: ReadHome) => readonly ServiceRoute[];
  readonly launch: (settings: AgentSettings, what: ToLaunch) => Promise<Launching>;
  /** Where its users write what whoever works in a repository should know; and which of all such files it reads by itself: the prompt does not bring these. */
  readonly guidance?: GuidancePlaces;
  readonly readsGuidance?: (settings: AgentSettings) => readonly string[];
  /** Settings of its own that a repository may have: hooks, tool servers, permissions. */
  readonly repoFiles?: readonly string[];
  readonly health: Health;
  /** Where its words are read. */
  readonly words?: Words;
  /** A message to it as a line for its stdin. One that has a name is acknowledged by it, and taken only once. */
  readonly message?: (text: string, uuid?: string) => string;
  /** The line for its stdin that asks it to end its turn; it stays for the next message. */
  readonly interrupt?: () => string;
  /** From now on its hooks answer that it is to stop. */
  readonly raiseStop?: (folder: string) => Promise<void>;
  /** A person's own session in a conversation. */
  readonly session?: (settings: AgentSettings, run: Run, conversation: string) => readonly [string, ...string[]];
  /** What such a session is told besides the worker's environment. */
  readonly sessionVariables?: Readonly<Record<string, string>>;
}

/** What of tac8.yaml depends on the agent. */
export interface Written {
  /** Said of it in the description of `agent.kind`. */
  readonly what: string;
  /** Run where `agent.command` is left out; null: it has to be named. */
  readonly program: string | null;
  /** `agent.env` where it is left out. */
  readonly env: readonly string[];
  /** Whether it can be told how hard to think. */
  readonly effort: boolean;
  /** Whether it can be given tool servers, or only where the repository's own settings count as well. */
  readonly servers: 'yes' | 'with repo_settings' | 'no';
  /** What the settings mean that not every agent heeds. */
  readonly settings: { readonly repo_settings?: string };
}

/** The text of a file below the person's home, or null. */
export type ReadHome = (path: string) => string | null;

/** A service whose login is put in outside of the sandbox; inside, a placeholder stands for it. */
export interface ServiceRoute {
  /** A word for its path on the worker's side. */
  readonly name: string;
  /** The variable that says where the service is (null: there is none), and where it is when that is not set. */
  readonly address: { readonly variable: string | null; readonly standard: string };
  /** Variables that hold a login, the first that is passed on and set counts; and what it is sent as. */
  readonly variables: readonly { readonly name: string; readonly header: string; readonly before: string }[];
  /** A file below the person's home that has one, where in its JSON, and the variable that holds the placeholder for it; further headers out of it. */
  readonly file: {
    readonly path: string;
    readonly at: readonly string[];
    readonly variable: string;
    readonly also?: Readonly<Record<string, readonly string[]>>;
    /** How it is renewed where it has run out: by whom, and where in the file the parts of it are. The lock is a path below the home. */
    readonly renewal?: {
      readonly to: string;
      readonly client: string;
      readonly at: Readonly<Record<'token' | 'again' | 'until' | 'scopes', readonly string[]>>;
      readonly lock: string;
    };
  } | null;
  /** It wants no login. */
  readonly isOpen?: boolean;
  /** A file below the person's home whose JSON has variables that the agent takes up by itself, before those of its environment; and where. */
  readonly settings?: { readonly path: string; readonly at: string };
}

/** Paths are below the person's home. */
export interface Logins {
  /** Where programs keep login and conversations, by their name on disk. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  /** The same for a program of any other name. */
  readonly otherwise: readonly string[];
  /** The files in which they keep what they log in with. */
  readonly files: readonly string[];
}

export interface ToLaunch {
  readonly task: Task;
  readonly run: Run;
  readonly prompt: string;
  readonly promptFile: string;
  /** The run's own, which exists. */
  readonly folder: string;
  readonly worktree: string;
  /** A strict template; `name` is what a mistake in it is told by. */
  readonly render: (template: string, variables: object, name: string) => string;
}

export interface Launching {
  readonly argv: readonly [string, ...string[]];
  readonly needs?: Needs;
  /** `fifo`: stdin stays open for more; `file`: the prompt, then its end. */
  readonly stdin: { readonly kind: 'fifo' | 'file'; readonly prompt: string };
}

export interface Words {
  /** Events of a parsed line, or null where it is not one of its own. Pure, never throws. */
  readonly events: (fields: Fields, line: string) => readonly AgentEvent[] | null;
  /** The tool that a whole line of its log calls, without parsing it; null: it cannot be told so. The same as `events` has. */
  readonly toolCalled?: (line: Buffer) => string | null;
  /** What a model of its provider costs, for a prompt of so many tokens; null: not known. For what it has not stated itself. */
  readonly price?: (model: string, prompt: number) => Price | null;
}

/** What `tac8 doctor` asks about it. */
export interface Health {
  /** How one comes by the program. */
  readonly install: string;
  /** How one logs in, as a step to take. */
  readonly logIn: string;
  /** Makes it say its version; null: it knows no such question. */
  readonly version: readonly string[] | null;
  readonly login: (port: LoginPort) => Verdict;
  /** Which of the variables that it is given it logs in with is known. */
  readonly knowsLogins: boolean;
  /** One short question to the model; none: it cannot be asked. */
  readonly probe?: Probe;
}

export interface LoginPort {
  readonly isSet: (variable: string) => boolean;
  /** Names that are passed on to the agent. */
  readonly passedOn: readonly string[];
  readonly readHome: ReadHome;
  readonly platform: string;
}

export interface Verdict {
  readonly level: 'ok' | 'bad' | 'unknown';
  readonly says: string;
  readonly mend: string | null;
}

export interface Probe {
  /** After the program's own. */
  readonly args: (model: string | null) => readonly string[];
  readonly input: string;
  readonly variables: Readonly<Record<string, string>>;
  /** What it printed; null: nothing that answers the question. */
  readonly judge: (out: string) => Verdict | null;
}
