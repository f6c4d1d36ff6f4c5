import { join } from 'node:path';
import { composeLookout } from '../../compose/lookout.ts';
import { EVENT_WIDTH, eventWords } from '../../core/explain/event-words.ts';
import type { Explanation } from '../../core/explain/explain.ts';
import { machineWords } from '../../core/explain/machine-words.ts';
import { MACHINES_FACT } from '../../core/limits/machines-seen.ts';
import { machineOf } from '../../core/model/fleet.ts';
import { type Gate, markOf } from '../../core/model/gate.ts';
import type { HistoryEntry } from '../../core/model/records.ts';
import type { TaskId } from '../../core/model/task.ts';
import { age } from '../../core/words/span.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import { lookWhy } from '../../inquiry/why.ts';
import { openProject } from '../../place/project.ts';
import { daemonAt } from '../../read/open.ts';
import { type Refusal, readRefusals } from '../../read/refused/refusals.ts';
import { readTraffic, type Traffic } from '../../read/refused/traffic.ts';
import { allowHint, refusalWords } from '../../read/warnings.ts';
import { cleanLine, cleanText } from '../../transcript/show/clean.ts';
import { dayAndClock } from '../../transcript/show/quantities.ts';
import { EXIT } from '../ground/exit-codes.ts';
import { say } from '../ground/say.ts';
import { bytes, paint } from '../ground/style.ts';
import { version } from '../ground/version.ts';

const REFUSALS_SHOWN = 8;

/** Looks at everything as the next tick would, and prints what it would find for this task. */
export async function showWhy(from: string, task: TaskId, json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  const lookout = await composeLookout(project, process.env);
  try {
    const { why, history, isThere } = await lookWhy(lookout, project, task, daemonAt(project) !== null, Date.now);
    const refused = readRefusals(join(project.state, 'egress')).filter((one) => one.task === task);
    const traffic = readTraffic(join(project.state, 'egress')).filter((one) => one.task === task);
    const where = machineWhere(lookout.store, task, Date.now());
    say(
      json
        ? `${JSON.stringify({ ...why, refused, traffic, history }, null, 2)}\n`
        : asText(why, where, refused, traffic, history, Date.now()),
    );
    if (!isThere) process.exitCode = EXIT.refused;
  } finally {
    lookout.close();
  }
}

function asText(
  why: Explanation,
  where: string | null,
  refused: readonly Refusal[],
  traffic: readonly Traffic[],
  history: readonly HistoryEntry[],
  now: number,
): string {
  const out = [`${paint('bold', why.task)} ${why.state}${ageOf(why.since, now)}: ${cleanText(why.sentence)}`];
  for (const gate of why.gates) out.push(...gateLines(gate, now));
  if (where !== null) out.push(`  ${paint('dim', cleanLine(where))}`);
  for (const one of refused.slice(0, REFUSALS_SHOWN)) {
    out.push(`  ${paint('yellow', '!')} ${cleanLine(refusalWords(one))}${ageOf(one.at, now)}`);
    const hint = allowHint(one);
    if (hint !== null) out.push(`      ${paint('dim', `→ ${cleanLine(hint)}`)}`);
  }
  for (const { host, requests, sent, received } of traffic.slice(0, REFUSALS_SHOWN))
    out.push(`  ${paint('dim', `reached ${cleanLine(host)}: ${requests} requests, ${small(sent)} sent, ${small(received)} received`)}`);
  out.push(`  next: ${why.next}`);
  if (history.length > 0) out.push('', paint('bold', 'Before'));
  for (const { at, event, detail } of [...history].reverse())
    out.push(
      `  ${paint('dim', clock(at, now))}  ${cleanLine(eventWords(event)).padEnd(EVENT_WIDTH)}  ${cleanLine(detail.split('\n')[0] ?? '')}`,
    );
  return `${out.join('\n')}\n`;
}

/** Of the machine that its run is on: what the daemon last heard. */
function machineWhere(store: Pick<Store, 'task' | 'run' | 'fact'>, id: TaskId, now: number): string | null {
  const task = store.task(id);
  const run = task !== null && 'run' in task && task.run !== null ? store.run(task.run) : null;
  const name = run === null ? null : machineOf(run);
  if (name === null) return null;
  const told = store.fact(MACHINES_FACT)?.machines.find((one) => one.name === name);
  return told === undefined
    ? `its machine, ${name}: nothing was heard of it`
    : `its machine, ${name}: ${machineWords(told, now, version())}`;
}

const MARKS = { open: ['✓', 'green'], shut: ['✗', 'red'], note: ['!', 'yellow'] } as const;

function gateLines(gate: Gate, now: number): readonly string[] {
  const { open, text, since, until, change } = gate;
  const [sign, colour] = MARKS[markOf(gate)];
  const line = `  ${paint(colour, sign)} ${cleanLine(text)}${ageOf(since, now)}${until === null ? '' : `, until ${clock(until, now)}`}`;
  return open || change === null ? [line] : [line, `      ${paint('dim', `→ ${cleanLine(change)}`)}`];
}

/** What was seen by this very look has no age. */
const ageOf = (since: number | null, now: number): string =>
  since === null || since <= 0 || now - since < 1_000 ? '' : ` (for ${age(now - since)})`;

/** The time of day; with its date when it is not today's. */
function clock(at: number, now: number): string {
  const [date = '', time = ''] = dayAndClock(at).split(' ');
  return dayAndClock(now).startsWith(date) ? time : `${date} ${time}`;
}

/** `812 B`, `3.1 KiB`; as elsewhere from a MiB on. */
const small = (n: number): string => (n < 1024 ? `${n} B` : n < 1024 ** 2 ? `${(n / 1024).toFixed(1)} KiB` : bytes(n));
