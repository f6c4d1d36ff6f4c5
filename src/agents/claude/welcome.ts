import { join } from 'node:path';
import { readPlainFile } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';
import { placeholder } from '../ground/placeholder.ts';
import type { AgentSettings } from '../ground/settings.ts';

const FILE = '.claude.json';
const MOST = 16 << 20;
/** As much of a key as Claude Code keeps of one that it may use. */
const TAIL = 20;

/**
 * In its first conversation with a person Claude Code asks for colours, tries hosts that no box reaches, and whether it may use the key of its environment: in the
 * home of a box these are answered. Of the person's own file there are the colours alone.
 */
export async function welcome(settings: AgentSettings, home: string): Promise<void> {
  const kept = await read(join(home, FILE));
  const key = placeholder('ANTHROPIC_API_KEY').slice(-TAIL);
  const answers = fieldsOf(kept.customApiKeyResponses);
  const approved = Array.isArray(answers.approved) ? answers.approved : [];
  if (kept.hasCompletedOnboarding === true && approved.includes(key)) return;
  const { theme } = await read(join(settings.home, FILE));
  const next = {
    theme: typeof theme === 'string' ? theme : 'dark',
    ...kept,
    hasCompletedOnboarding: true,
    customApiKeyResponses: { rejected: [], ...answers, approved: [...approved, key] },
  };
  await writeWhole(join(home, FILE), `${JSON.stringify(next, null, 2)}\n`);
}

/** Nothing, where it is not there or a worker made something else of it. */
async function read(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return fieldsOf(JSON.parse(await readPlainFile(path, MOST)));
  } catch {
    return {};
  }
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
