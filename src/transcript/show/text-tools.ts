import type { EventOf } from '../../agents/words/events.ts';
import { duration } from '../../core/words/span.ts';
import { cleanLine } from './clean.ts';
import type { Page } from './page.ts';
import { exitCodeOf, resultLines, type ShownLine, showCall } from './tool-text.ts';

const FOLDED_BODY = 12;
const FOLDED_RESULT = 3;
const FOLDED_ERROR = 9;

export function toolStart(on: Page, event: EventOf<'tool_start'>): string {
  const { paint } = on;
  const { head, body } = showCall(event, on.detailed);
  const line = ({ mark, text }: ShownLine): string => {
    if (mark === '+') return paint.green(`+ ${text}`);
    return mark === '-' ? paint.red(`- ${text}`) : `  ${text}`;
  };
  const first = `${paint.cyan('▸')} ${paint.bold(cleanLine(event.name))} ${on.cut(head)}`;
  const more = on.folded(
    body.map(({ mark, text }) => line({ mark, text: on.cut(text) })),
    FOLDED_BODY,
  );
  const shown = on.print(event, [first, ...more.map((each) => `  ${each}`)]);
  on.openCall(event, event.id, event.name);
  return shown;
}

export function toolEnd(on: Page, event: EventOf<'tool_end'>): string {
  const { paint } = on;
  const call = on.closeCall(event.id);
  const code = exitCodeOf(event);
  const { at } = event;
  const took = call === null || call.at === null || at === null ? null : duration(at - call.at);
  const facts = [code === null ? null : `exit ${code}`, took].filter((fact) => fact !== null).join(', ');
  const [first = '', ...more] = on.folded(resultLines(event.output), event.ok ? FOLDED_RESULT : FOLDED_ERROR);
  const mark = event.ok ? paint.green('✓') : paint.red('✗');
  const head = [mark, paint.dim(facts), first].filter((part) => part !== '').join('  ');
  return on.print(event, [head, ...more.map((line) => `  ${line}`)], 1);
}
