import { composeDaemon } from '../compose.ts';
import type { Plan } from '../core/plan.ts';
import { openProject } from '../project.ts';
import { paint } from './style.ts';

/** One look at everything and the plan that follows, printed; nothing is written. */
export async function showPlan(from: string, json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  const daemon = composeDaemon({ project, env: process.env, readOnly: true });
  try {
    const { plan } = await daemon.engine.preview();
    process.stdout.write(json ? `${JSON.stringify(asJson(plan), null, 2)}\n` : asText(plan));
  } finally {
    await daemon.close();
  }
}

function asJson(plan: Plan) {
  return {
    events: plan.commit.history ?? [],
    actions: plan.actions,
    notes: plan.notes,
    next_look: plan.wakeAt === null ? null : new Date(plan.wakeAt).toISOString(),
  };
}

function asText(plan: Plan): string {
  const out: string[] = [];
  const events = plan.commit.history ?? [];
  if (events.length > 0) {
    out.push(paint('bold', 'Would write down'));
    for (const { task, event, detail } of events) out.push(`  ${task ?? '–'}  ${event}  ${detail}`);
  }
  if (plan.actions.length > 0) {
    out.push(paint('bold', 'Would do'));
    for (const action of plan.actions) out.push(`  ${action.task}  ${action.kind}`);
  }
  if (plan.notes.length > 0) {
    out.push(paint('bold', 'Notes'));
    for (const { task, text, until } of plan.notes) {
      out.push(`  ${task ?? '–'}  ${text}${until === null ? '' : ` (until ${new Date(until).toLocaleTimeString()})`}`);
    }
  }
  if (out.length === 0) out.push('Nothing to do.');
  return `${out.join('\n')}\n`;
}
