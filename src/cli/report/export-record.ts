import type { AgentEvent } from '../../agents/words/events.ts';
import type { Issue } from '../../core/model/forge.ts';
import type { HistoryEntry } from '../../core/model/records.ts';
import type { Run } from '../../core/model/run.ts';
import type { Task } from '../../core/model/task.ts';
import type { Attempt } from '../../transcript/read/attempts.ts';

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
