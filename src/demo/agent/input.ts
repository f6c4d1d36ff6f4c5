import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface Input {
  /** The next message to the agent; null when stdin has ended. */
  next(): Promise<string | null>;
}

/** Claude Code's stream-json on stdin: messages are handed out one by one, an interrupt at once. */
export function readInput(stream: Readable, onInterrupt: (requestId: string) => void): Input {
  const waiting: string[] = [];
  let ended = false;
  let rouse: (() => void) | null = null;
  const lines = createInterface({ input: stream });
  lines.on('line', (line) => {
    const said = parse(line);
    if (said?.kind === 'interrupt') onInterrupt(said.id);
    else if (said !== null) waiting.push(said.text);
    rouse?.();
  });
  lines.on('close', () => {
    ended = true;
    rouse?.();
  });
  return {
    async next() {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          rouse = resolve;
        });
      }
      return waiting.shift() ?? null;
    },
  };
}

type Said = { readonly kind: 'message'; readonly text: string } | { readonly kind: 'interrupt'; readonly id: string };

interface Line {
  readonly type?: string;
  readonly request_id?: string;
  readonly request?: { readonly subtype?: string };
  readonly message?: { readonly content?: string | readonly { readonly text?: string }[] };
}

function parse(line: string): Said | null {
  const fields = JSON.parse(line) as Line;
  if (fields.type === 'control_request' && fields.request?.subtype === 'interrupt')
    return { kind: 'interrupt', id: fields.request_id ?? '' };
  if (fields.type !== 'user') return null;
  const content = fields.message?.content ?? '';
  return { kind: 'message', text: typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('\n') };
}
