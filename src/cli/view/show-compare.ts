import { join } from 'node:path';
import { parseLine } from '../../agents/line.ts';
import { composePremises } from '../../compose/premises.ts';
import { agentName } from '../../core/agent/which.ts';
import { isFree, moneyWords, tokensOf } from '../../core/limits/spend.ts';
import type { Run } from '../../core/model/run.ts';
import type { TaskId } from '../../core/model/task.ts';
import { duration } from '../../core/words/span.ts';
import { openProject } from '../../place/project.ts';
import { createOutline, type Mark } from '../../transcript/outline/outline.ts';
import { LogError, readLog, textOfLine } from '../../transcript/read/read.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { dayAndClock, grouped } from '../../transcript/show/quantities.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { say } from '../ground/say.ts';
import { paint } from '../ground/style.ts';

/** What a run's log tells of what it did. Null: there is no log any more. */
interface Did {
  /** Calls by the name of the tool, the most used first. */
  readonly steps: readonly (readonly [string, number])[];
  readonly edited: readonly string[];
  readonly tests: { readonly run: number; readonly green: number; readonly last: boolean | null };
  readonly errors: number;
}

interface Side {
  readonly run: Run;
  readonly did: Did | null;
}

const SHOWN = 6;

/** Needs no daemon. */
export async function showCompare(from: string, task: TaskId, wanted: readonly string[], json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, false);
  try {
    const { store } = premises;
    const race = store.task(task)?.race;
    // Of several attempts side by side each has its last run there.
    const runs =
      race === undefined || wanted.length > 0
        ? chosen(
            [task, ...(race?.racers ?? [])].flatMap((id) => store.runsOf(id)),
            task,
            wanted,
          )
        : race.racers.flatMap((id) => store.runsOf(id).at(-1) ?? []);
    if (runs.length < 2)
      throw new Exit(EXIT.refused, `fewer than two attempts at ${task} have begun`, `\`tac8 why ${task}\` says what they wait for.`);
    const sides: Side[] = [];
    for (const run of runs) sides.push({ run, did: await didOf(project.logs, run) });
    say(json ? `${JSON.stringify({ task, attempts: sides.map(asJson) }, null, 2)}\n` : asText(task, sides));
  } finally {
    premises.close();
  }
}

function chosen(all: readonly Run[], task: TaskId, wanted: readonly string[]): readonly [Run, Run] {
  const runs = all.toSorted((a, b) => a.createdAt - b.createdAt);
  if (runs.length === 0) throw new Exit(EXIT.refused, `there is no run of ${task}`, '`tac8 status` shows the tasks.');
  if (wanted.length > 0 && wanted.length !== 2) throw new Exit(EXIT.usage, 'name two runs, or none for the last two');
  const named = wanted.map((name) => {
    const run = runs.find(({ id }) => id === name);
    if (run === undefined)
      throw new Exit(EXIT.refused, `${task} has no run ${cleanLine(name)}: it has ${runs.map(({ id }) => id).join(', ')}`);
    return run;
  });
  const [one, other] = named.length === 2 ? named : runs.slice(-2);
  if (one === undefined || other === undefined)
    throw new Exit(
      EXIT.refused,
      `${task} has only one run, ${runs[0]?.id}: there is nothing to compare it with`,
      `\`tac8 view ${task}\` shows it.`,
    );
  return [one, other];
}

async function didOf(logs: string, run: Run): Promise<Did | null> {
  const path = join(logs, `${run.task}.${run.id}.jsonl`);
  const outline = createOutline();
  const steps = new Map<string, number>();
  try {
    await readLog(
      path,
      0,
      (line) => {
        outline.take(line);
        for (const event of parseLine(textOfLine(line)))
          if (event.kind === 'tool_start') steps.set(event.name, (steps.get(event.name) ?? 0) + 1);
      },
      { last: true },
    );
  } catch (error) {
    if (error instanceof LogError && error.kind === 'vanished') return null;
    throw error;
  }
  const marks = outline.now().marks;
  const of = (kind: Mark['kind']): readonly Mark[] => marks.filter((mark) => mark.kind === kind);
  const tests = of('test');
  return {
    steps: [...steps].sort(([, a], [, b]) => b - a),
    edited: [...new Set(of('edit').flatMap(({ ok, text }) => (ok === false ? [] : [inTree(text, run.task)])))],
    tests: { run: tests.length, green: tests.filter(({ ok }) => ok === true).length, last: tests.at(-1)?.ok ?? null },
    errors: of('error').length,
  };
}

/** As git names it: below the worktree, on whatever machine that is. */
export function inTree(path: string, task: TaskId): string {
  const tree = `/trees/${task}/`;
  const at = path.indexOf(tree);
  return at === -1 ? path : path.slice(at + tree.length);
}

const filesOf = ({ run, did }: Side): readonly string[] => run.settlement.inspection?.files?.names ?? did?.edited ?? [];

function endOf({ run }: Side): string {
  const { outcome } = run.settlement;
  if (outcome === undefined) return run.state === 'ended' ? 'ended, not judged yet' : `it is ${run.state}`;
  if (outcome.kind === 'failed') return `${outcome.failure.type}: ${outcome.failure.message}`;
  return outcome.kind === 'blocked' ? `asks: ${outcome.question}` : 'done';
}

function timesOf(run: Run): { readonly began: number | null; readonly took: number | null } {
  const began = 'startedAt' in run ? run.startedAt : null;
  return { began, took: began !== null && 'endedAt' in run ? run.endedAt - began : null };
}

function asJson(side: Side): object {
  const { run, did } = side;
  const { began, took } = timesOf(run);
  const { inspection, outcome, verified, pull } = run.settlement;
  return {
    task: run.task,
    run: run.id,
    attempt: run.attempt,
    agent: { name: run.agent.profile ?? 'default', kind: run.agent.kind, model: run.stream.model ?? run.agent.model },
    began: began === null ? null : new Date(began).toISOString(),
    seconds: took === null ? null : took / 1000,
    outcome: outcome?.kind ?? null,
    failure: outcome?.kind === 'failed' ? { type: outcome.failure.type, message: outcome.failure.message } : null,
    turns: run.stream.turns,
    tokens: tokensOf(run.stream.spend),
    usd: isFree(run.stream.spend) ? null : run.stream.spend.usd,
    steps: did === null ? null : Object.fromEntries(did.steps),
    files: filesOf(side),
    tests: did?.tests ?? null,
    errors: did?.errors ?? null,
    commits: inspection?.commits ?? null,
    verified: verified?.ok ?? null,
    pull: pull?.number ?? null,
  };
}

function asText(task: TaskId, sides: readonly Side[]): string {
  const rows: { readonly name: string; readonly cells: readonly string[] }[] = [];
  const row = (name: string, what: (side: Side, others: readonly Side[]) => string): void => {
    rows.push({
      name,
      cells: sides.map((side) =>
        cleanLine(
          what(
            side,
            sides.filter((other) => other !== side),
          ),
        ),
      ),
    });
  };
  if (sides.some(({ run }) => run.task !== task)) row('task', ({ run }) => run.task);
  row('attempt', ({ run }) => String(run.attempt));
  row('agent', ({ run }) => `${agentName(run.agent)}${modelOf(run)}`);
  row('began', ({ run }) => {
    const { began } = timesOf(run);
    return began === null ? 'never' : dayAndClock(began);
  });
  row('took', ({ run }) => {
    const { took } = timesOf(run);
    return took === null ? 'unknown' : duration(took);
  });
  row('ended', endOf);
  row('turns', ({ run }) => grouped(run.stream.turns));
  row('tokens', ({ run }) => grouped(tokensOf(run.stream.spend)));
  row('cost', ({ run }) => (isFree(run.stream.spend) ? 'unknown' : moneyWords(run.stream.spend).replace(/^cost /, '')));
  row('steps', ({ did }) => (did === null ? 'its log is gone' : listed(did.steps.map(([name, n]) => `${name} ${n}`))));
  row('errors', ({ did }) => (did === null ? '' : grouped(did.errors)));
  row('files', (side) => listed(filesOf(side)));
  row('only here', (side, others) => listed(filesOf(side).filter((file) => !others.some((other) => filesOf(other).includes(file)))));
  row('tests', ({ did }) => (did === null ? '' : testWords(did.tests)));
  row('pulls.verify', ({ run }) => verifyWords(run));
  row('commits', ({ run }) => String(run.settlement.inspection?.commits ?? 'unknown'));
  row('pull', ({ run }) => (run.settlement.pull === undefined ? 'none' : `#${run.settlement.pull.number}`));
  const left = Math.max(...rows.map(({ name }) => name.length));
  const room = Math.floor(((process.stdout.columns ?? 100) - left - 2 * sides.length) / sides.length);
  const width = Math.min(Math.max(...rows.flatMap(({ cells }) => cells.map(({ length }) => length))), Math.max(24, room));
  const heads = sides.map(({ run }) => paint('bold', run.id.padEnd(width)));
  const lines = [paint('bold', task), `${' '.repeat(left)}  ${heads.join('  ')}`.trimEnd()];
  for (const { name, cells } of rows)
    for (const [n, texts] of beside(cells.map((cell) => wrapped(cell, width))).entries())
      lines.push(`${paint('dim', (n === 0 ? name : '').padEnd(left))}  ${texts.map((text) => text.padEnd(width)).join('  ')}`.trimEnd());
  return `${lines.join('\n')}\n`;
}

const modelOf = ({ stream, agent }: Run): string => {
  const model = stream.model ?? agent.model;
  return model === null ? '' : `, ${model}`;
};

function listed(all: readonly string[]): string {
  const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : '';
  return all.length === 0 ? 'none' : `${all.slice(0, SHOWN).join(', ')}${more}`;
}

function testWords({ run, green, last }: Did['tests']): string {
  if (run === 0) return 'none run';
  return `${green} of ${run} green, the last ${last === true ? 'green' : 'red'}`;
}

function verifyWords({ settlement: { verified } }: Run): string {
  if (verified === undefined) return 'not run';
  return verified.ok ? 'green' : `red: ${verified.output.trim().split('\n').at(-1) ?? ''}`;
}

const beside = (columns: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.max(...columns.map(({ length }) => length)) }, (_, n) => columns.map((lines) => lines[n] ?? ''));

/** Broken at blanks; a word that is longer than a line is broken where the line ends. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => one.match(new RegExp(`.{1,${width}}`, 'gu')) ?? [''])) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
