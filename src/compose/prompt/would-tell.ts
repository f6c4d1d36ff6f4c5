import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { continues, promptOf, readIssue, type ToTell } from '../../adapters/agents/prompt-of.ts';
import { createIssueTexts } from '../../adapters/text/issue-texts.ts';
import { includedIn, readTemplate } from '../../agents/ground/prompt-parts.ts';
import type { AgentSettings } from '../../agents/ground/settings.ts';
import type { Issue } from '../../core/model/forge.ts';
import type { Task } from '../../core/model/task.ts';
import { ownProgram } from '../../place/own-files.ts';

/** What an agent would be told, and where its texts stand. */
export interface WouldTell {
  readonly prompt: string;
  /** Null: a conversation goes on, and the template has no part in it. */
  readonly parts: readonly { readonly name: string; readonly from: string | null }[] | null;
  /** Where the repository's guidance was looked for. */
  readonly guided: string;
}

/** `worktree`: where the task works, or will. Nothing is written. */
export async function wouldTell(
  settings: AgentSettings,
  told: { readonly task: Task; readonly run: ToTell; readonly issue: Issue | null; readonly worktree: string },
): Promise<WouldTell> {
  const { task, run, issue } = told;
  const goesOn = continues(run);
  const texts = goesOn ? null : createIssueTexts(ownProgram('adapters/text/thread'));
  const read = issue === null ? null : await readIssue(issue, texts);
  // Before the first run there is no worktree: it will be made of what is much like this checkout.
  const guided = existsSync(told.worktree) ? told.worktree : settings.root;
  const prompt = promptOf(settings, task, run, read, { worktree: told.worktree, guided });
  const template = readTemplate(settings.template, run.agent.profile);
  const fromOf = (from: string | null): string | null => (from === null ? null : relative(settings.root, from));
  const parts = [
    { name: 'template', from: fromOf(template.from) },
    ...includedIn(template).map((name) => ({ name, from: fromOf(template.parts[name]?.from ?? null) })),
  ];
  return { prompt, parts: goesOn ? null : parts, guided };
}
