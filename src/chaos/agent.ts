import { parseArgs } from 'node:util';
import { messageOf } from '../core/words/message-of.ts';
import { readInput } from '../demo/agent/input.ts';
import { keepConversation, openJournal, readConversation, readJournals } from '../demo/agent/journal.ts';
import { createVoice } from '../demo/agent/voice.ts';
import { type Body, SCRIPTS, writeWork } from './agent/scripts.ts';
import { createMouth } from './agent/words.ts';
import { kindOfPrompt } from './world/kinds.ts';

/*
 * The fixture agent of `tac8 chaos`: it takes Claude Code's flags and speaks its stream-json. How it behaves is chosen by the task's
 * title. Its journal is the judge's evidence: when it began, what it wrote to its log and to its worktree, and the exit code that it
 * is about to end with. It lives a minute and a half at most, whoever was to end it.
 */

const LIFETIME_MS = 90_000;

const { values } = parseArgs({
  strict: false,
  options: { journal: { type: 'string' }, 'session-id': { type: 'string' }, resume: { type: 'string' } },
});
const text = (value: string | boolean | undefined): string => (typeof value === 'string' ? value : '');

const folder = text(values.journal);
const run = process.env.TAC8_RUN ?? 'w-none';
const task = process.env.TAC8_TASK ?? 'none';
const session = text(values.resume) || text(values['session-id']);
const earlier = [...readJournals(folder).values()].filter((entries) => entries[0]?.task === task && entries[0].run !== run).length;
const journal = openJournal(folder, run, task);
const mouth = createMouth(journal);
const voice = createVoice(session, process.cwd(), mouth);
const interrupted = new AbortController();
let deaf = false;

function leave(code: number): never {
  journal.note('end', `exit ${code}`);
  process.exit(code);
}

setTimeout(() => leave(9), LIFETIME_MS).unref();
const input = readInput(process.stdin, (requestId) => {
  journal.note('interrupt', deaf ? 'not obeyed' : 'obeyed');
  if (deaf) return;
  voice.confirm(requestId);
  interrupted.abort();
});

async function work(prompt: string): Promise<void> {
  const kind = kindOfPrompt(prompt);
  deaf = kind === 'stubborn' || kind === 'half';
  const mark = process.env.DEMO_MARK ?? 'no-mark';
  const body: Body = { run, mark, attempt: earlier + 1, voice, journal, mouth, signal: interrupted.signal };
  writeWork(body);
  try {
    const last = await SCRIPTS[kind ?? 'succeed'](body);
    voice.result({ kind: 'completed', text: last });
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    voice.result({ kind: 'aborted' });
  }
}

journal.note('start', `attempt ${earlier + 1}, pid ${process.pid}`);
try {
  const prompt = await input.next();
  if (prompt !== null) {
    voice.init();
    const first = text(values.resume) === '' ? prompt : readConversation(folder, session);
    keepConversation(folder, session, first);
    await work(first);
  }
  while ((await input.next()) !== null);
} catch (error) {
  // Its worktree was taken from under its feet, say.
  journal.note('step', `fails: ${messageOf(error)}`);
  leave(1);
}
leave(0);
