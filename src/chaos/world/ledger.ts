import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What chaos did to tac8, one line of JSON each: the judge must know whose fault it was. Milliseconds since 1970. */
export type Deed =
  | { readonly kind: 'daemon-started'; readonly at: number; readonly pid: number }
  | { readonly kind: 'daemon-killed'; readonly at: number; readonly point: string; readonly live: number }
  /** It ended before it was killed. */
  | { readonly kind: 'daemon-ended'; readonly at: number; readonly how: string }
  | { readonly kind: 'agent-signalled'; readonly at: number; readonly run: string; readonly signal: 'SIGKILL' | 'SIGTERM' }
  /** `open`: the task's runs whose end, with the saving of their work, did not stand in their log yet. */
  | { readonly kind: 'tree-deleted'; readonly at: number; readonly task: string; readonly open: readonly string[] }
  | { readonly kind: 'forge-fault'; readonly at: number; readonly fault: string }
  /** What was done to the machines of a fleet. */
  | { readonly kind: 'fleet-fault'; readonly at: number; readonly fault: string }
  /** A machine with all that ran on it; its disk is there when it comes back. */
  | { readonly kind: 'machine-killed'; readonly at: number; readonly machine: string; readonly runs: readonly string[] }
  | { readonly kind: 'disk-filled'; readonly at: number }
  | { readonly kind: 'drained'; readonly at: number; readonly how: string; readonly inTime: boolean };

export interface Ledger {
  add(deed: Deed): void;
}

export function openLedger(root: string): Ledger {
  mkdirSync(join(root, 'chaos'), { recursive: true });
  return { add: (deed) => appendFileSync(pathOf(root), `${JSON.stringify(deed)}\n`) };
}

export function readLedger(root: string): readonly Deed[] {
  if (!existsSync(pathOf(root))) return [];
  const lines = readFileSync(pathOf(root), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Deed);
}

const pathOf = (root: string): string => join(root, 'chaos', 'deeds.jsonl');
