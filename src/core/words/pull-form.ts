import type { PullForm } from '../model/forge.ts';
import type { Run } from '../model/run.ts';
import { issueNumber, type Task } from '../model/task.ts';
import { harmlessTitle } from '../words/harmless.ts';

export const PLAIN_FORM: PullForm = { title: null, labels: [], reviewers: [], assignees: [] };

/** The words of the issue are made harmless, those of the form are the person's. */
export function pullTitle(form: string | null, task: Task): string {
  const title = harmlessTitle(task.title);
  if (form === null) return title;
  const values: Readonly<Record<string, string>> = { title, task: task.id, number: String(issueNumber(task.id) ?? '') };
  return form.replace(/\{(title|task|number)\}/g, (_all, name: string) => values[name] ?? '');
}

const LONGEST = 20_000;
const DESCRIBES = /\b(?:summary|description|what|changes?|overview|details)\b/i;

/**
 * The body in the repository's own template: the closing line stays the first, the rest goes below the heading that asks for a description, else before
 * the whole template. Hints to the writer are taken out; boxes stay as they are, since nobody ticked them.
 */
export function inTemplate(body: string, template: string | null): string {
  const form = (template ?? '')
    .slice(0, LONGEST)
    .replace(/\r\n?/g, '\n')
    .split('<!--')
    .map((part, n) => (n === 0 ? part : part.slice(part.indexOf('-->') === -1 ? part.length : part.indexOf('-->') + 3)))
    .join('')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  if (form === '') return body;
  const end = body.indexOf('\n\n');
  const isClosing = /^Closes #\d+$/.test(body.slice(0, end === -1 ? body.length : end));
  const [first, rest] = isClosing && end !== -1 ? [`${body.slice(0, end)}\n\n`, body.slice(end + 2)] : ['', body];
  const lines = form.split('\n');
  const at = lines.findIndex((line) => /^#{1,6}\s/.test(line) && DESCRIBES.test(line.slice(0, 200)));
  if (at === -1) return `${first}${rest}\n\n${form}`;
  return `${first}${[...lines.slice(0, at + 1), '', rest, ...lines.slice(at + 1)].join('\n')}`;
}

/** How to go on, for whoever reads the pull. */
export function goOnWords(task: Task, run: Run, { follows, orders }: { readonly follows: boolean; readonly orders: boolean }): string {
  const ways = [
    ...(follows ? ['a review that asks for changes'] : []),
    ...(orders && run.agent.can.resume ? ['a comment `/tac8 retry …` with what is to be done'] : []),
    `\`tac8 retry ${task.id} --continue --message "…"\` where tac8 runs`,
  ];
  return `To have the work go on: ${ways.join('; or ')}.`;
}
