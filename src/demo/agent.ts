import { parseArgs } from 'node:util';
import { createHands } from './agent/hands.ts';
import { readInput } from './agent/input.ts';
import { keepConversation, openJournal, readConversation, readJournals } from './agent/journal.ts';
import { anything, SCRIPTS, type Script, sabotaged } from './agent/scripts.ts';
import { createVoice } from './agent/voice.ts';
import { fateOfPrompt } from './ground/fates.ts';

/*
 * The scripted agent: a program that takes Claude Code's flags, speaks its stream-json on stdin and stdout, and does
 * real work in its worktree. What it does is chosen by the task's title in the prompt.
 *
 * Its journal is the judge's evidence. It lives a minute and a half at most, whoever was to end it.
 */

const LIFETIME_MS = 90_000;
const PACE_MS = 180;

const { values } = parseArgs({
  // Claude Code has more flags than are of interest here.
  strict: false,
  options: {
    journal: { type: 'string' },
    speed: { type: 'string' },
    sabotage: { type: 'string' },
    'session-id': { type: 'string' },
    resume: { type: 'string' },
  },
});
const text = (value: string | boolean | undefined): string => (typeof value === 'string' ? value : '');

const folder = text(values.journal);
const run = process.env.TAC8_RUN ?? 'w-none';
const task = process.env.TAC8_TASK ?? 'none';
const session = text(values.resume) || text(values['session-id']);
const speed = Number(text(values.speed) || '1');
const earlier = [...readJournals(folder).values()].filter((entries) => entries[0]?.task === task && entries[0].run !== run).length;
const journal = openJournal(folder, run, task);
const voice = createVoice(session, process.cwd());
const interrupted = new AbortController();
// A stubborn script hears neither signals nor interrupts.
let stubborn = false;

const input = readInput(process.stdin, (requestId) => {
  journal.note('interrupt', stubborn ? 'not obeyed' : 'obeyed');
  if (stubborn) return;
  voice.confirm(requestId);
  interrupted.abort();
});
setTimeout(() => {
  journal.note('end', 'too old');
  process.exit(1);
}, LIFETIME_MS).unref();

function scriptFor(prompt: string): Script {
  const fate = fateOfPrompt(prompt);
  stubborn = fate?.name === 'unlabelled';
  if (fate === null) return anything;
  return fate.name === text(values.sabotage) ? sabotaged : SCRIPTS[fate.name];
}

async function work(prompt: string): Promise<boolean> {
  const hands = createHands({ cwd: process.cwd(), run, voice, journal, pace: PACE_MS / speed, signal: interrupted.signal });
  try {
    const last = await scriptFor(prompt)(hands, earlier + 1);
    voice.say(last);
    voice.result({ kind: 'completed', text: last });
    return true;
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    voice.result({ kind: 'aborted' });
    return false;
  }
}

journal.note('start', `attempt ${earlier + 1}`);
const prompt = await input.next();
let well = true;
if (prompt !== null) {
  voice.init();
  const first = text(values.resume) === '' ? prompt : readConversation(folder, session);
  keepConversation(folder, session, first);
  well = await work(first);
}
// Like Claude Code it stays until nobody can say anything more to it; what is said then is of no interest here.
while ((await input.next()) !== null);
journal.note('end', well ? 'done' : 'interrupted');
process.exit(0);
