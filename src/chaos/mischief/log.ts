import { createHash } from 'node:crypto';

/** One run's log, taken apart: the lines that tac8 added, and the agent's own bytes. */
export interface LogSeen {
  /** The agent's bytes, exactly as it wrote them. */
  readonly agent: Buffer;
  /** `exit` of each line `run_ended`, in order; null where it says that nobody knows. */
  readonly ends: readonly (number | null)[];
  /** Lines of tac8's own that are not whole. */
  readonly torn: number;
}

const OURS = [Buffer.from('{"type":"tac8"'), Buffer.from('{"type":"error","run":"w-')];
const NEWLINE = 0x0a;

export function readLog(bytes: Buffer, run: string): LogSeen {
  const kept: Buffer[] = [];
  const ends: (number | null)[] = [];
  let torn = 0;
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf(NEWLINE, from);
    const to = at === -1 ? bytes.length : at + 1;
    const line = bytes.subarray(from, to);
    from = to;
    if (!OURS.some((ours) => line.subarray(0, ours.length).equals(ours))) {
      kept.push(line);
      continue;
    }
    const said = parse(line.toString('utf8'));
    if (said === null) torn += 1;
    else if (said.event === 'run_ended' && said.run === run) {
      ends.push(said.exit ?? null);
    }
  }
  return { agent: Buffer.concat(kept), ends, torn };
}

interface Line {
  readonly event?: string;
  readonly run?: string;
  readonly exit?: number | null;
}

function parse(line: string): Line | null {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null; // counted as torn
  }
}

/**
 * Whether the agent's bytes are those that its journal is sure of, and no more than it may have written. Null: they are. A newline that
 * tac8 put after a torn line is not the agent's.
 */
export function findLoss(log: LogSeen, sure: { readonly bytes: number; readonly hash: string }, most: number): string | null {
  const { length } = log.agent;
  if (length < sure.bytes) return `${sure.bytes - length} of ${sure.bytes} bytes are missing`;
  const hash = createHash('sha256').update(log.agent.subarray(0, sure.bytes)).digest('hex');
  if (hash !== sure.hash) return `its ${sure.bytes} bytes are not those that the agent wrote`;
  const torn = length === Math.max(most, sure.bytes) + 1 && log.agent.at(-1) === NEWLINE;
  return length > Math.max(most, sure.bytes) && !torn ? `${length - Math.max(most, sure.bytes)} bytes too many` : null;
}
