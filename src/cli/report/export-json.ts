import type { Output } from '../ground/output.ts';
import { version } from '../ground/version.ts';
import type { Redact, TaskRecord } from './export-record.ts';

/** One JSON object; its events are written one by one, so that memory stays flat. Times are ISO 8601, ms where the store has them so. */
export async function exportJson(record: TaskRecord, output: Output, redact: Redact): Promise<void> {
  const text = (value: unknown, space?: number): string =>
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? redact(part) : part), space);
  const { task, issue, issueUnknown, board, runs, history, changes } = record;
  const head = {
    exported_at: new Date().toISOString(),
    tac8: version(),
    task,
    issue,
    issue_unknown: issueUnknown,
    board,
    runs,
    history: history.map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry })),
    changes,
  };
  output.write(`${text(head, 2).replace(/\n\}$/, '')},\n  "transcript": [`);
  for (const [index, attempt] of record.attempts.entries()) {
    const about = { attempt: index + 1, run: attempt.run, started_at: new Date(attempt.startedAt).toISOString() };
    output.write(`${index === 0 ? '' : ','}\n    ${text(about).slice(0, -1)},"events":[`);
    let first = true;
    const take = (event: unknown): void => {
      output.write(`${first ? '' : ','}\n      ${text(event)}`);
      first = false;
    };
    await record.read(attempt, take, output.drained);
    output.write('\n    ]}');
  }
  output.write('\n  ]\n}\n');
}
