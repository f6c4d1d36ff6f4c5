import type { Command } from 'commander';
import type { HistoryEntry } from '../../core/model/records.ts';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';

interface HistoryOptions {
  readonly said?: true;
  readonly json?: true;
}

/** As far back as the database goes. */
const MOST = 10_000;

const HELP = `
A line per event, oldest first. "said" is what a person said: the words, who (user and process) and from where (the door of the daemon, the
page). The line says so of a command that only lay in the database: a worker can write there, too. Without a task: what concerns the fleet.

Examples:
  tac8 history 450
  tac8 history 450 --said
  tac8 history --said --json | jq -r '.[].detail'`;

export function addHistoryCommand(program: Command): void {
  program
    .command('history')
    .description('What happened to a task, and what people said about it')
    .argument('[task]', TASK_FORMS, taskArgument)
    .option('--said', 'only what people said')
    .option('--json', 'as JSON')
    .addHelpText('after', HELP)
    .action(async (task: TaskId | undefined, options: HistoryOptions, command: Command) => {
      const entries = await read(rootOf(command), task ?? null, options.said === true);
      await show(entries, task ?? null, options);
    });
}

async function read(from: string, task: TaskId | null, isSaid: boolean): Promise<readonly HistoryEntry[]> {
  const [{ findPlace }, { openStore }, { existsSync }, { SAID }] = await Promise.all([
    import('../../place/place.ts'),
    import('../../read/open.ts'),
    import('node:fs'),
    import('../../core/model/records.ts'),
  ]);
  const place = await findPlace(from, process.env);
  if (!existsSync(place.database)) return [];
  const store = openStore(place, 'read');
  try {
    const all = store.history(task === null ? { limit: MOST } : { task, limit: MOST });
    const wanted = all.filter((entry) => (task !== null || entry.task === null || isSaid) && (!isSaid || entry.event === SAID));
    return [...wanted].reverse().sort((one, other) => one.at - other.at);
  } finally {
    store.close();
  }
}

async function show(entries: readonly HistoryEntry[], task: TaskId | null, { json }: HistoryOptions): Promise<void> {
  if (json) {
    process.stdout.write(
      `${JSON.stringify(
        entries.map(({ at, ...entry }) => ({ at: new Date(at).toISOString(), ...entry })),
        null,
        2,
      )}\n`,
    );
    return;
  }
  const [{ EVENT_WIDTH, eventWords }, { cleanLine }, { dayAndClock }, { paint }] = await Promise.all([
    import('../../core/explain/event-words.ts'),
    import('../../transcript/show/clean.ts'),
    import('../../transcript/show/quantities.ts'),
    import('../ground/style.ts'),
  ]);
  if (entries.length === 0) process.stderr.write(`nothing is known${task === null ? '' : ` of ${task}`}\n`);
  for (const { at, task: of, event, detail } of entries) {
    const who = task === null ? `${(of ?? '–').padEnd(8)} ` : '';
    process.stdout.write(
      `${paint('dim', dayAndClock(at))}  ${who}${cleanLine(eventWords(event)).padEnd(EVENT_WIDTH)} ${cleanLine(detail.replaceAll('\n', ' '))}\n`,
    );
  }
}
