import { eventWords } from '../../core/explain/event-words.ts';
import type { Run } from '../../core/model/run.ts';
import { stateWords, type Task } from '../../core/model/task.ts';
import { redactedIn } from '../../core/words/secrets.ts';
import { duration } from '../../core/words/span.ts';
import { cleanLine, cleanText } from '../../transcript/show/clean.ts';
import { fenced, markdownShow } from '../../transcript/show/markdown.ts';
import { dayAndClock, spendWords } from '../../transcript/show/quantities.ts';
import type { Output } from '../ground/output.ts';
import type { Redact, TaskRecord } from './export-record.ts';

/** The same for people: what a colleague needs to see what happened. */
export async function exportMarkdown(record: TaskRecord, output: Output, redact: Redact): Promise<void> {
  const write = (text: string): void => output.write(redact(text));
  const { task, issue, issueUnknown, board, runs, history, changes } = record;
  write(`# ${cleanLine(`${task.id}: ${task.title}`)}\n\n${taskWords(task)}\n\n`);
  if (issue !== null)
    write(
      `## Issue #${issue.number}\n\nBy ${cleanLine(issue.author ?? 'nobody')}, ${issue.state}: ${issue.url}\n\n${quoted(issue.body)}\n\n`,
    );
  if (issueUnknown !== null) write(`## Issue\n\nUnknown: ${cleanLine(issueUnknown)}\n\n`);
  if (board !== null) write(`## Board\n\n${fenced(cleanText(board).trimEnd().split('\n'))}\n\n`);
  write(`## Runs\n\n${runs.map(runWords).join('\n') || 'None.'}\n\n`);
  const entry = ({ at, run, event, detail }: TaskRecord['history'][number]): string =>
    `- ${dayAndClock(at)} ${cleanLine([run ?? '', eventWords(event), detail].filter((part) => part !== '').join(' · '))}`;
  write(`## History\n\n${history.map(entry).join('\n') || 'None.'}\n\n`);
  const file = ({ path, status, added, removed }: NonNullable<TaskRecord['changes']>['files'][number]): string =>
    `${status}\t+${added ?? '?'} -${removed ?? '?'}\t${cleanLine(path)}`;
  const files =
    changes === null ? 'None.' : `In the ${changes.from}, against ${changes.base.slice(0, 12)}:\n\n${fenced(changes.files.map(file))}`;
  write(`## Changed files\n\n${files}\n\n## Transcript\n\n`);
  for (const [index, attempt] of record.attempts.entries()) {
    write(`### Attempt ${index + 1}${attempt.run === null ? '' : `, ${attempt.run}`}, ${dayAndClock(attempt.startedAt)}\n\n`);
    const show = markdownShow(false);
    await record.read(attempt, (event) => write(show(redactedIn(event, redact))), output.drained);
  }
}

const quoted = (text: string): string => cleanText(text.trim() || '(empty)').replaceAll(/^/gm, '> ');

function taskWords(task: Task): string {
  const pull = task.pull === null ? '' : ` Pull: #${task.pull.number} ${task.pull.url}`;
  const why =
    task.state === 'failed' ? `: ${task.failure.type}: ${task.failure.message}` : task.state === 'blocked' ? `: ${task.question}` : '';
  return cleanLine(`State: ${stateWords(task.state)}${why}. Branch: ${task.branch}.${pull}`);
}

function runWords(run: Run): string {
  const { outcome } = run.settlement;
  const took = 'endedAt' in run && run.startedAt !== null ? `, ${duration(run.endedAt - run.startedAt)}` : '';
  const how =
    outcome === undefined
      ? run.state
      : outcome.kind === 'failed'
        ? `failed: ${outcome.failure.type}: ${outcome.failure.message}`
        : outcome.kind;
  return cleanLine(
    `- ${run.id}, attempt ${run.attempt}, begun ${dayAndClock(run.createdAt)}${took}: ${how}; ${spendWords(run.stream.spend)}`,
  );
}
