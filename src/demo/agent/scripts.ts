import type { FateName } from '../ground/fates.ts';
import type { Hands } from './hands.ts';

/** What the agent does for a fate; answers its last words. `attempt` counts the agent's own journals of the task, from 1. */
export type Script = (hands: Hands, attempt: number) => Promise<string>;

const REQUESTS = `import { appendFileSync } from 'node:fs';

/** One line per request, with its time. */
export const logRequest = (words) => appendFileSync('logs/requests.txt', \`\${new Date().toISOString()} \${words.join(' ')}\\n\`);
`;

const ROUNDED = `/** The price of so many, in cents. */
export const total = (widget, count) => widget.cents * count;

/** Less so many percent, in whole cents. */
export const discount = (cents, percent) => Math.round(cents - (cents * percent) / 100);
`;

async function success(hands: Hands): Promise<string> {
  await hands.say('I read the command line first.');
  await hands.bash('node', 'src/cli.mjs', 'list');
  await hands.write('src/logs/requests.mjs', REQUESTS);
  await hands.write('logs/readme.txt', 'requests.txt: what the command line was asked, one line each.\n');
  await hands.bash('./check.sh');
  await hands.commit('Log what the command line was asked');
  return 'Requests can be logged now: `logRequest(words)` in src/logs/requests.mjs, with a note in logs/readme.txt.';
}

/** The first attempt dies with its edit half done; the second one finds that edit, and finishes. */
async function retry(hands: Hands, attempt: number): Promise<string> {
  if (attempt === 1) {
    await hands.say('A fraction of a cent is left over here.');
    await hands.write('src/price.mjs', ROUNDED.replace('Math.round(', '('));
    hands.note('crash', 'SIGKILL to itself');
    process.kill(process.pid, 'SIGKILL');
    await hands.waitForEver();
  }
  await hands.say('An earlier attempt left a half-done edit: I finish it.');
  await hands.bash('git', 'status', '--short');
  await hands.write('src/price.mjs', ROUNDED);
  await hands.append('test/run.mjs', `\nassert.equal(discount(1250, 7), 1163);\n`);
  await hands.bash('./check.sh');
  await hands.commit('Round discounts to whole cents');
  return 'Discounts are whole cents now, and a check shows it.';
}

/** Asks first; whoever answers it, on the page or in a terminal, sees the work done. */
async function question(hands: Hands, attempt: number): Promise<string> {
  if (attempt > 1) {
    await hands.say('I have an answer now.');
    await hands.write('docs/database.md', 'The catalogue is kept in a database, as was decided in the answer to the question.\n');
    await hands.bash('./check.sh');
    await hands.commit('Note where the catalogue is kept');
    return 'The decision is written down in docs/database.md.';
  }
  await hands.say('The issue does not say which database.');
  await hands.write('BLOCKED.md', 'SQLite or PostgreSQL? SQLite needs no server; PostgreSQL can be shared by several shops.\n');
  return 'I cannot go on without an answer: the question is in BLOCKED.md.';
}

async function stopped(hands: Hands): Promise<string> {
  await hands.write('src/supplier.mjs', `export const supplier = 'https://supplier.test/prices';\n`);
  await hands.commit('Where the supplier keeps the prices');
  await hands.write('NOTES.md', `Waiting for the supplier. Written by ${hands.run}, not committed.\n`);
  await hands.waitForEver();
  return '';
}

/** Ignores every polite way of ending it, and has a child that would outlive it. */
async function unlabelled(hands: Hands): Promise<string> {
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => hands.note('signal', name));
  await hands.write('IDEAS.md', `Everything again, in another language. Written by ${hands.run}, not committed.\n`);
  hands.leaveBehind();
  await hands.waitForEver();
  return '';
}

async function background(hands: Hands): Promise<string> {
  await hands.say('I write the catalogue out.');
  hands.leaveBehind();
  await hands.write('examples/catalogue.json', '[\n  "sprocket",\n  "cog",\n  "flange"\n]\n');
  await hands.commit('The catalogue for other programs');
  return 'examples/catalogue.json is there. (A server that I started for a look may still be running.)';
}

async function local(hands: Hands): Promise<string> {
  await hands.remove('examples/OLD-NOTES.txt');
  await hands.write('examples/README.md', 'list.sh prints the names of all widgets.\n');
  await hands.commit('Tidy the examples folder');
  return 'The old notes are gone, and a README says what is there.';
}

/** For a task that is none of the demo's own: somebody plays with its folder later. */
export async function anything(hands: Hands): Promise<string> {
  await hands.write(`notes/${hands.run}.md`, 'A note by the scripted agent, which knows the tasks of the demo only.\n');
  await hands.commit('A note by the scripted agent');
  return 'I know the tasks of the demo only, so I left a note.';
}

/** Says that it worked, and did nothing. */
export const sabotaged: Script = async (hands) => {
  await hands.say('All done, as far as I am concerned.');
  return 'Everything is done.';
};

/** The prompt's text never reaches a shell or a file: it only chooses one of these. */
export const SCRIPTS: Readonly<Record<FateName, Script>> = {
  success,
  retry,
  question,
  stopped,
  unlabelled,
  background,
  outsider: anything,
  local,
};
