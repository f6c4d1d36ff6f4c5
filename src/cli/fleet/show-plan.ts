import { composeLookout } from '../../compose/lookout.ts';
import { policyOf } from '../../compose/policy-of.ts';
import { eventWords } from '../../core/explain/event-words.ts';
import { type Forecast, forecast } from '../../core/explain/forecast.ts';
import type { Plan } from '../../core/tick/plan.ts';
import { stepWords } from '../../core/tick/step-words.ts';
import { openProject } from '../../place/project.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { clock } from '../../transcript/show/quantities.ts';
import { say } from '../ground/say.ts';
import { paint } from '../ground/style.ts';

/** One look at everything and the plan that follows, printed; nothing is written. */
export async function showPlan(from: string, json: boolean): Promise<void> {
  const project = await openProject(from, process.env);
  const lookout = await composeLookout(project, process.env);
  try {
    const { world, plan } = await lookout.look();
    const told = forecast(world, plan, policyOf(project.settings), Date.now());
    say(json ? `${JSON.stringify(asJson(plan, told), null, 2)}\n` : asText(plan, told, lookout.forge === null));
  } finally {
    lookout.close();
  }
}

function asJson(plan: Plan, { starts, waits }: Forecast) {
  return {
    events: plan.commit.history ?? [],
    actions: plan.actions,
    notes: plan.notes,
    would_start: starts.map(({ task }) => task),
    would_wait: waits.map(({ task, text, until }) => ({ task, text, until: until === null ? null : new Date(until).toISOString() })),
    next_look: plan.wakeAt === null ? null : new Date(plan.wakeAt).toISOString(),
  };
}

function asText(plan: Plan, { starts, waits }: Forecast, alone: boolean): string {
  const out: string[] = [];
  const events = plan.commit.history ?? [];
  if (events.length > 0) {
    out.push(paint('bold', 'Would record'));
    for (const { task, event, detail } of events) out.push(`  ${task ?? '–'}  ${eventWords(event)}  ${detail}`);
  }
  if (plan.actions.length > 0) {
    out.push(paint('bold', 'Would do'));
    for (const action of plan.actions) out.push(`  ${action.task}  ${stepWords(action.kind)}`);
  }
  if (starts.length > 0) {
    out.push(paint('bold', 'Would start'));
    for (const { task, title } of starts) out.push(`  ${task}  ${cleanLine(title)}`);
  }
  if (waits.length > 0) {
    out.push(paint('bold', 'Would wait'));
    for (const { task, title, text, until } of waits)
      out.push(`  ${task}  ${cleanLine(title)}: ${text}${until === null ? '' : `, at ${clock(until)}`}`);
  }
  // What holds a task of the queue is said above.
  const notes = plan.notes.filter(({ task, gate }) => gate === undefined || (task !== null && !waits.some((one) => one.task === task)));
  if (notes.length > 0) {
    out.push(paint('bold', 'Notes'));
    for (const { task, text, until } of notes) {
      out.push(`  ${task ?? '–'}  ${text}${until === null ? '' : ` (until ${clock(until)})`}`);
    }
  }
  if (alone) out.push('Local tasks only: no repository on GitHub is named, so that no issues are read.');
  if (out.length === 0) out.push('Nothing to do.');
  return `${out.join('\n')}\n`;
}
