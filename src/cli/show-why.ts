import { lockHolder } from '../adapters/store/lock.ts';
import { composeDaemon, type Daemon } from '../compose.ts';
import { type Explanation, explain } from '../core/explain.ts';
import type { Gate } from '../core/gate.ts';
import { keptSights, PULLS_FACT } from '../core/pull-sights.ts';
import type { HistoryEntry } from '../core/records.ts';
import type { TaskId } from '../core/task.ts';
import type { World } from '../core/world.ts';
import { policyOf } from '../policy-of.ts';
import { openProject } from '../project.ts';
import { cleanLine, cleanText } from '../transcript/clean.ts';
import { EXIT } from './exit-codes.ts';
import { age, paint } from './style.ts';
import { pullGate } from './why-pull.ts';

const HISTORY_SHOWN = 8;

/** Looks at everything as the next tick would, and says what it would find for this task. */
export async function showWhy(from: string, task: TaskId, json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  const daemon = composeDaemon({ project, env: process.env, readOnly: true });
  try {
    const { world } = await daemon.engine.preview(task);
    const named = world.tasks.some(({ id }) => id === task) ? world : { ...world, tasks: [...world.tasks, ...daemon.store.tasks([task])] };
    const now = Date.now();
    const why = withDaemon(explain(named, policyOf(project.settings), task, now), lockHolder(project.locks) !== null);
    const gate = await pullGateOf(daemon, world, task);
    const history = daemon.store.history({ task, limit: HISTORY_SHOWN });
    const told = gate === null ? why : { ...why, gates: [...why.gates, gate] };
    process.stdout.write(json ? `${JSON.stringify({ ...told, history }, null, 2)}\n` : asText(told, history, now));
    // Nothing was found of it, and nothing is unknown: there is no task of that name.
    if (why.state === 'unknown' && why.since === null && why.gates.length === 0) process.exitCode = EXIT.refused;
  } finally {
    await daemon.close();
  }
}

/** Its pull and the checks of it; null where there is none. */
function pullGateOf({ store, forge }: Daemon, { pulls }: World, id: TaskId): Promise<Gate | null> | null {
  const task = store.task(id);
  return task === null ? null : pullGate(task, keptSights(store.fact(PULLS_FACT)), pulls, forge);
}

/** Without a daemon no gate is of any use: that comes first. */
function withDaemon(why: Explanation, runs: boolean): Explanation {
  if (runs || (why.state !== 'pending' && why.state !== 'active')) return why;
  const next = '`tac8 start`';
  const text = why.state === 'active' ? 'no daemon runs: nobody watches the run' : 'no daemon runs: nothing starts';
  const gates = [{ name: 'daemon', open: false, text, until: null, since: null, change: next }, ...why.gates];
  return why.state === 'active' ? { ...why, gates } : { ...why, gates, sentence: text, next };
}

function asText(why: Explanation, history: readonly HistoryEntry[], now: number): string {
  const out = [`${paint('bold', why.task)} ${why.state}${ageOf(why.since, now)}: ${cleanText(why.sentence)}`];
  for (const gate of why.gates) out.push(...gateLines(gate, now));
  out.push(`  next: ${why.next}`);
  if (history.length > 0) out.push('', paint('bold', 'Before'));
  for (const { at, event, detail } of [...history].reverse())
    out.push(`  ${paint('dim', clock(at, now))}  ${event}  ${cleanLine(detail.split('\n')[0] ?? '')}`);
  return `${out.join('\n')}\n`;
}

function gateLines({ open, text, since, until, change }: Gate, now: number): readonly string[] {
  const line = `  ${open ? paint('green', '✓') : paint('red', '✗')} ${cleanLine(text)}${ageOf(since, now)}${until === null ? '' : `, until ${clock(until, now)}`}`;
  return open || change === null ? [line] : [line, `      ${paint('dim', `→ ${cleanLine(change)}`)}`];
}

const ageOf = (since: number | null, now: number): string => (since === null || since <= 0 ? '' : ` (for ${age(now - since)})`);

/** The time of day; with its date when it is not today's. */
function clock(at: number, now: number): string {
  const [date = '', time = ''] = new Date(at).toLocaleString('sv-SE').split(' ');
  return new Date(now).toLocaleDateString('sv-SE') === date ? time : `${date} ${time}`;
}
