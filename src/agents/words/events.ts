import type { Refusal, Spend, TurnEnd } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';

/** A JSON object as it came, nothing checked. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Common {
  /** The time that the line itself carries; null where it carries none. */
  readonly at: Ms | null;
  /** Id of the tool call whose sub-agent this comes from; null for the main conversation. */
  readonly parent: string | null;
}

/** One model: what any agent's stream says, one event per thing that happened. */
export type AgentEvent = Common & AgentEventKind;

type AgentEventKind =
  /** Some agents say this again before every later turn of the same process. */
  | {
      readonly kind: 'session';
      readonly session: string;
      readonly model: string | null;
      readonly cwd: string | null;
      readonly version: string | null;
      readonly mode: string | null;
    }
  /** Several blocks share one `message`: turns are counted by it. `usage` is what the message began with (its output count is not final). */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly message: string | null;
      readonly model?: string | null;
      readonly usage: Spend | null;
    }
  | {
      readonly kind: 'thinking';
      readonly text: string;
      readonly message: string | null;
      readonly model?: string | null;
      readonly usage: Spend | null;
    }
  | {
      readonly kind: 'tool_start';
      readonly id: string;
      readonly name: string;
      readonly input: unknown;
      readonly message: string | null;
      readonly model?: string | null;
      readonly usage: Spend | null;
    }
  /** `detail` is the agent's structured answer where it gives one: patches, exit codes. */
  | { readonly kind: 'tool_end'; readonly id: string; readonly ok: boolean; readonly output: string; readonly detail: unknown }
  /** What one reply came to, by an agent that says it apart from the reply; counted until the turn's end says it better. */
  | { readonly kind: 'usage'; readonly usage: Spend }
  /** What one message has come to so far, stated while it is said; `whole` once nothing of it is to come. */
  | {
      readonly kind: 'counted';
      /** Null: the one in hand. */
      readonly message: string | null;
      readonly model: string | null;
      readonly usage: Spend;
      readonly whole: boolean;
    }
  | { readonly kind: 'heartbeat'; readonly tool: string | null; readonly elapsedSeconds: number | null }
  | {
      readonly kind: 'retry';
      readonly attempt: number;
      readonly maxAttempts: number | null;
      readonly delayMs: number | null;
      /** HTTP status; null for a network failure. */
      readonly status: number | null;
      readonly refusal: Refusal | null;
      readonly cause: string;
    }
  | {
      readonly kind: 'rate_limit';
      readonly status: string;
      readonly resetsAt: Ms | null;
      readonly type: string | null;
      readonly used: number | null;
    }
  | {
      readonly kind: 'turn_end';
      readonly end: TurnEnd;
      readonly isError: boolean;
      /** The agent's own words. */
      readonly subtype: string;
      readonly terminalReason: string | null;
      readonly apiErrorStatus: number | null;
      /** The final text, or the agent's own errors. */
      readonly text: string;
      readonly durationMs: number | null;
      readonly turns: number | null;
      /** Since the previous turn_end of this process; null where the agent only says `total`. */
      readonly spent: Spend | null;
      /** The agent's own sum. It may span earlier processes of the same conversation. */
      readonly total: Spend | null;
    }
  /**
   * A message to the agent: the prompt, a `tell`, or (`synthetic`) one that no person sent: the agent’s program says it, or a sub-agent is asked.
   * `ours`: our client wrote it when it handed it on, so that it is no sign of the agent; left out: the agent says what it was sent.
   */
  | { readonly kind: 'user'; readonly text: string; readonly synthetic: boolean; readonly ours?: true }
  /** A background command or sub-agent. */
  | {
      readonly kind: 'task';
      readonly id: string;
      readonly state: string;
      readonly tool: string | null;
      readonly text: string;
      readonly agent: boolean;
      /** It works beside the conversation; false: the agent waits for it. Null: the line does not say. */
      readonly background: boolean | null;
    }
  /** All that works in the background now, each with the agent's own words for it. */
  | { readonly kind: 'background'; readonly works: readonly { readonly id: string; readonly text: string }[] }
  /** The provider's refusal as the agent words it, in place of a reply. */
  | { readonly kind: 'provider_error'; readonly refusal: Refusal | null; readonly cause: string; readonly message: string }
  | { readonly kind: 'denied'; readonly tool: string; readonly message: string }
  /** Something worth a line: a fallback model, a hook, a changed title. */
  | { readonly kind: 'note'; readonly text: string }
  /** Seen, and of no interest to a reader. Shown with --detailed. */
  | { readonly kind: 'quiet'; readonly type: string; readonly line: string }
  /** tac8's own line: run_started, run_ended, … */
  | { readonly kind: 'tac8'; readonly event: string; readonly run: string | null; readonly fields: Fields }
  /** tac8's line on a failed run. */
  | { readonly kind: 'failure'; readonly run: string; readonly type: string; readonly message: string; readonly hint: string }
  /** A line that nobody can read as one of the above, as it is. */
  | { readonly kind: 'raw'; readonly text: string };

export type EventOf<K extends AgentEvent['kind']> = Extract<AgentEvent, { kind: K }>;
/** An event without its time and place. */
export type Said<K extends AgentEvent['kind']> = Omit<EventOf<K>, keyof Common>;
