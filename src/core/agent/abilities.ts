/**
 * What an agent can, as data. Kept with each run: a daemon that is started later, with other settings or of another version, still knows
 * what this run can. What each of them promises, `src/agents/kinds.test.ts` holds the agent's functions to.
 */
export interface Abilities {
  /** Its words are read: turns, tools, results. `none`: nothing is known but that it says something. */
  readonly words: 'read' | 'none';
  /** How it is told something while it works. */
  readonly steer: 'stdin' | 'none';
  /** By its own protocol it can be asked to end its turn. */
  readonly interrupt: boolean;
  /** A conversation of an earlier run can be taken up. */
  readonly resume: boolean;
  /** A person can open its conversation. */
  readonly attach: boolean;
  /** It asks before and after each tool whether it is to stop. */
  readonly stopHooks: boolean;
  /** Whether it says what it costs. */
  readonly cost: 'stated' | 'none';
  /** What tells how a run ended: its last words, or its exit code. */
  readonly end: 'result' | 'exit';
}

/** Which agent works, and what it can. `kind` is for its own folder alone: everybody else asks what it can. */
export interface AgentOf {
  /** Its name among `agents` of tac8.yaml; left out: the one under `agent`. */
  readonly profile?: string;
  /** Whose limits it has: the name of a login; left out: that of the one under `agent`. */
  readonly login?: string;
  readonly kind: string;
  readonly can: Abilities;
  readonly model: string | null;
  /** Why this one: a route, a person's word; left out: there was no choice. */
  readonly why?: string;
}

/** Limits that an agent may have of its own, in place of those of all. */
export interface AgentLimits {
  /** In ms. */
  readonly runTime?: number;
  readonly turns?: number;
  readonly tokens?: number;
  readonly usdPerTask?: number;
}
