import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What an agent of the demo wrote down about itself, in a folder that tac8 knows nothing of. One line of JSON each. */
export interface JournalEntry {
  /** From 1, without gaps: a missing number is a lost line. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: 'start' | 'step' | 'wrote' | 'commit' | 'left-behind' | 'signal' | 'interrupt' | 'crash' | 'end';
  readonly run: string;
  readonly task: string;
  readonly text: string;
}

export interface Journal {
  note(kind: JournalEntry['kind'], text: string): void;
}

export function openJournal(folder: string, run: string, task: string): Journal {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${run}.jsonl`);
  let seq = 0;
  return {
    note(kind, text) {
      seq += 1;
      // Synchronous, so that it is there before the crash that may follow.
      appendFileSync(path, `${JSON.stringify({ seq, at: Date.now(), kind, run, task, text } satisfies JournalEntry)}\n`);
    },
  };
}

/** What a conversation is about, so that it can be taken up: Claude Code, too, keeps it outside of the worktree. */
export function keepConversation(folder: string, session: string, prompt: string): void {
  mkdirSync(join(folder, 'conversations'), { recursive: true });
  writeFileSync(join(folder, 'conversations', `${basename(session)}.txt`), prompt);
}

/** The first prompt of an earlier conversation; empty where there was none. */
export function readConversation(folder: string, session: string): string {
  const path = join(folder, 'conversations', `${basename(session)}.txt`);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** All journals in the folder, by run. A line that is still being written is left for the next look. */
export function readJournals(folder: string): ReadonlyMap<string, readonly JournalEntry[]> {
  const journals = new Map<string, readonly JournalEntry[]>();
  if (!existsSync(folder)) return journals;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.jsonl')) continue;
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    journals.set(
      name.slice(0, -'.jsonl'.length),
      lines.map((line) => JSON.parse(line) as JournalEntry),
    );
  }
  return journals;
}
