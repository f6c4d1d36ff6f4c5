/*
 * A scripted model. A script is a list of steps, one per reply. Which step is next is read off the request itself (the
 * replies since the script was given), so retries, resumes, restarts and many agents at once need no state.
 *
 * The script is the newest user text that holds <mock>[…steps as JSON…]</mock>; else the one named in the URL prefix
 * /s/NAME; else "default". To nest one inside a JSON string (a sub-agent's prompt) write \u003cmock>…\u003c/mock>.
 * A user text that comes after a finished script is answered with `ack: …`, which makes steering visible.
 */
export interface Step {
  /** A final text: ends the agent's turn. */
  readonly text?: string;
  /** Text before a tool call. */
  readonly say?: string;
  /** A command for the agent's shell tool. */
  readonly sh?: string;
  /** A file made with the agent's own tool; a path that is not absolute is taken from its working directory. */
  readonly write?: { readonly path: string; readonly content: string };
  /** A literal tool call. */
  readonly tool?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  /** Several calls in one reply. */
  readonly tools?: readonly Step[];
  /** An HTTP status in place of a reply. */
  readonly error?: number;
  readonly type?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What stands beside the message in the error. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /** An error event after the stream has begun. */
  readonly streamError?: string;
  readonly badJson?: boolean;
  /** The connection is cut in the middle of the stream. */
  readonly drop?: boolean;
  /** The request is accepted and never answered. */
  readonly hang?: boolean;
  /** That many bytes of text. */
  readonly hugeText?: number;
  /** Waits for `mock.open(name)`. */
  readonly gate?: string;
  /** Before the first byte. */
  readonly delayMs?: number;
  /** Between the pieces of the stream. */
  readonly chunkMs?: number;
  readonly usage?: Readonly<Record<string, number>>;
  /** The reason for stopping that is claimed. */
  readonly stop?: string;
  /** How often the failure is served before `ok`, or the rest of the step, is. */
  readonly times?: number;
  readonly ok?: Step;
}

export type Scripts = Readonly<Record<string, readonly Step[]>>;

export const DEFAULT_SCRIPT: readonly Step[] = [
  { say: 'I will create the file.', write: { path: 'hello.txt', content: 'hello from the mock model\n' } },
  { say: 'Now I commit it.', sh: 'git add . && git commit -q -m "add hello" && git log --oneline -1' },
  { text: 'Done: hello.txt is created and committed.' },
];

/** A conversation as the request tells it. */
export interface Turn {
  readonly role: 'user' | 'model' | 'tool';
  readonly text: string;
}

const TAG = /<mock>([\s\S]*?)<\/mock>/g;

/** The step that answers this conversation. `index` counts the replies since the script was given. */
export function choose(turns: readonly Turn[], script: readonly Step[]): { readonly index: number; readonly step: Step } {
  let steps = script;
  let start = -1;
  turns.forEach((turn, i) => {
    const found = turn.role === 'user' ? parseScript([...turn.text.matchAll(TAG)].at(-1)?.[1]) : null;
    if (found === null) return;
    steps = found;
    start = i;
  });
  const index = turns.slice(start + 1).filter((turn) => turn.role === 'model').length;
  const step = steps[index];
  if (step !== undefined) return { index, step };
  const sinceReply = turns.slice(turns.findLastIndex((turn) => turn.role === 'model') + 1);
  const said = sinceReply.findLast((turn) => turn.role === 'user')?.text ?? '';
  return { index, step: { text: `ack: ${said.trim().slice(0, 120)}` } };
}

/** Words between the tags that are no JSON are just words. */
function parseScript(text: string | undefined): readonly Step[] | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as readonly Step[]) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
