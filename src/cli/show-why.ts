import { composeDaemon, policyOf } from '../compose.ts';
import { explain } from '../core/explain.ts';
import type { HistoryEntry } from '../core/records.ts';
import type { TaskId } from '../core/task.ts';
import { openProject } from '../project.ts';
import { paint } from './style.ts';

const HISTORY_SHOWN = 8;

/** Looks at everything as the next tick would, and says what it would find for this task. */
export async function showWhy(from: string, task: TaskId, json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  const daemon = composeDaemon({ project, env: process.env, readOnly: true });
  try {
    const { world } = await daemon.engine.preview();
    const named = world.tasks.some(({ id }) => id === task) ? world : { ...world, tasks: [...world.tasks, ...daemon.store.tasks([task])] };
    const why = explain(named, policyOf(project.settings), task, Date.now());
    const history = daemon.store.history({ task, limit: HISTORY_SHOWN });
    process.stdout.write(json ? `${JSON.stringify({ ...why, history }, null, 2)}\n` : asText(why, history));
  } finally {
    await daemon.close();
  }
}

function asText(why: ReturnType<typeof explain>, history: readonly HistoryEntry[]): string {
  const out = [`${paint('bold', why.task)} ${why.state}: ${why.sentence}`];
  for (const gate of why.gates) {
    const until = gate.until === null ? '' : ` (until ${new Date(gate.until).toLocaleTimeString()})`;
    out.push(`  ${gate.open ? paint('green', '✓') : paint('red', '✗')} ${gate.text}${until}`);
  }
  out.push(`  next: ${why.next}`);
  if (history.length > 0) out.push('', paint('bold', 'Before'));
  for (const { at, event, detail } of [...history].reverse())
    out.push(`  ${paint('dim', new Date(at).toLocaleTimeString())}  ${event}  ${detail.split('\n')[0] ?? ''}`);
  return `${out.join('\n')}\n`;
}
