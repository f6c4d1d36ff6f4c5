import type { Issue } from '../core/forge.ts';
import type { HistoryEntry } from '../core/records.ts';
import type { Run } from '../core/run.ts';
import type { Task } from '../core/task.ts';
import type { Attempt } from '../transcript/attempts.ts';
import type { AgentEvent } from '../transcript/events.ts';

/** Everything but the transcript, which is handed out event by event. */
export interface TaskRecord {
  readonly task: Task;
  /** Null: a local task, or the forge did not tell; then `issueUnknown` says why. */
  readonly issue: Issue | null;
  readonly issueUnknown: string | null;
  /** Its lines in `tasks.md`; null: it does not stand there. */
  readonly board: string | null;
  readonly runs: readonly Run[];
  /** Oldest first. */
  readonly history: readonly HistoryEntry[];
  readonly changes: Changes | null;
  readonly attempts: readonly Attempt[];
  /** Hands out the events of an attempt. */
  readonly read: (attempt: Attempt, take: (event: AgentEvent) => void, breathe: () => Promise<void>) => Promise<void>;
}

interface Changes {
  readonly base: string;
  readonly from: string;
  readonly files: readonly {
    readonly path: string;
    readonly status: string;
    readonly added: number | null;
    readonly removed: number | null;
  }[];
}

export type Redact = (text: string) => string;
