import { composeLookout } from '../../compose/lookout.ts';
import type { Plan } from '../../core/tick/plan.ts';
import { openProject } from '../../place/project.ts';
import { clock } from '../../transcript/show/quantities.ts';
import { paint } from '../ground/style.ts';

/** One look at everything and the plan that follows, printed; nothing is written. */
export async function showPlan(from: string, json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  const lookout = await composeLookout(project, process.env);
  try {
    const { plan } = await lookout.look();
    process.stdout.write(json ? `${JSON.stringify(asJson(plan), null, 2)}\n` : asText(plan));
  } finally {
    lookout.close();
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
    out.push(paint('bold', 'Would record'));
    for (const { task, event, detail } of events) out.push(`  ${task ?? '–'}  ${event}  ${detail}`);
  }
  if (plan.actions.length > 0) {
    out.push(paint('bold', 'Would do'));
    for (const action of plan.actions) out.push(`  ${action.task}  ${action.kind}`);
  }
  if (plan.notes.length > 0) {
    out.push(paint('bold', 'Notes'));
    for (const { task, text, until } of plan.notes) {
      out.push(`  ${task ?? '–'}  ${text}${until === null ? '' : ` (until ${clock(until)})`}`);
    }
  }
  if (out.length === 0) out.push('Nothing to do.');
  return `${out.join('\n')}\n`;
}
