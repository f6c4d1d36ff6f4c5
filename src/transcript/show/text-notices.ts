import type { EventOf } from '../../agents/words/events.ts';
import { number, string } from '../../agents/words/fields.ts';
import { duration } from '../../core/words/span.ts';
import { cleanLine } from './clean.ts';
import { type Page, paragraphs } from './page.ts';
import { counted, dayAndClock, spendWords } from './quantities.ts';

const FOLDED_TEXT = 12;
const FOLDED_ASIDE = 3;

const joined = (parts: readonly (string | null)[], by = ' · '): string => parts.filter((part) => part !== null && part !== '').join(by);

export const session = (on: Page, event: EventOf<'session'>): string =>
  on.print(event, [on.paint.dim(`session ${cleanLine(joined([event.session, event.model, event.version, event.mode, event.cwd]))}`)]);

export const text = (on: Page, event: EventOf<'text'>): string => (event.text.trim() === '' ? '' : on.print(event, paragraphs(event.text)));

export const thinking = (on: Page, event: EventOf<'thinking'>): string =>
  event.text.trim() === '' ? '' : on.print(event, on.folded(paragraphs(`thinking: ${event.text.trim()}`), FOLDED_ASIDE).map(on.paint.dim));

export function user(on: Page, event: EventOf<'user'>): string {
  const lines = paragraphs(event.synthetic ? `${sentBy(event)}: ${event.text.trim()}` : event.text);
  const mark = event.synthetic ? on.paint.dim('·') : on.paint.cyan('»');
  return on.print(
    event,
    on.folded(lines, event.synthetic ? FOLDED_ASIDE : FOLDED_TEXT).map((line) => `${mark} ${line}`),
  );
}

/** Who else than a person sends the agent a message. */
export const sentBy = ({ parent }: EventOf<'user'>): string => (parent === null ? 'sent by its own program' : 'asked of the sub-agent');

export function turnEnd(on: Page, event: EventOf<'turn_end'>): string {
  const { paint } = on;
  const spent = event.spent ?? event.total;
  const facts = joined([
    event.turns === null ? null : counted(event.turns, 'turn'),
    event.durationMs === null ? null : duration(event.durationMs),
    spent === null ? null : spendWords(spent),
  ]);
  const well = event.end === 'completed' || (event.end === 'ended' && event.terminalReason === null);
  const status = event.apiErrorStatus === null ? null : String(event.apiErrorStatus);
  const how = well
    ? paint.green('turn ended')
    : paint.red(`turn ended: ${cleanLine(joined([event.terminalReason ?? event.subtype, status], ' '))}`);
  const words = well || event.text === '' ? [] : on.folded(paragraphs(event.text), FOLDED_ASIDE);
  return on.print(event, [`${how}  ${paint.dim(facts)}`, ...words.map((line) => `  ${line}`)]);
}

export function retry(on: Page, event: EventOf<'retry'>): string {
  const delay = event.delayMs === null ? '' : ` in ${duration(event.delayMs)}`;
  const why = `${event.status ?? 'network'} ${cleanLine(event.cause)}`;
  return on.print(event, [on.paint.yellow(`↻ retry ${event.attempt}/${event.maxAttempts ?? '?'}${delay}: ${why}`)]);
}

export function rateLimit(on: Page, event: EventOf<'rate_limit'>): string {
  if (event.status === 'allowed' && !on.detailed) return '';
  const used = event.used === null ? null : `${Math.round(event.used * 100)} % used`;
  const resets = event.resetsAt === null ? null : `resets ${dayAndClock(event.resetsAt)}`;
  return on.print(event, [on.paint.yellow(`usage limit: ${cleanLine(joined([event.type, event.status, used, resets], ', '))}`)]);
}

export const providerError = (on: Page, event: EventOf<'provider_error'>): string =>
  on.print(event, on.folded(paragraphs(`${event.cause}: ${event.message}`), FOLDED_TEXT).map(on.paint.red));

export const denied = (on: Page, event: EventOf<'denied'>): string =>
  on.print(event, [on.paint.yellow(`refused: ${cleanLine(event.tool)}: ${on.cut(cleanLine(event.message))}`)]);

/** `background`: as it was said when the work began. */
export function task(on: Page, event: EventOf<'task'>, background: boolean | null): string {
  // The call that waits for it says all of it.
  if (background === false && !event.agent && !on.detailed) return '';
  const beside = background === true ? 'background ' : '';
  const what = event.agent ? `${beside}sub-agent` : background === true ? 'background' : 'command';
  return on.print(event, [on.paint.dim(`${what} ${cleanLine(event.state)}: ${on.cut(cleanLine(event.text))}`)]);
}

export const note = (on: Page, event: EventOf<'note'>): string =>
  on.print(event, on.folded(paragraphs(event.text), FOLDED_ASIDE).map(on.paint.dim));

export const raw = (on: Page, event: EventOf<'raw'>): string => on.print(event, [on.cut(cleanLine(event.text))]);

export const heartbeat = (on: Page, event: EventOf<'heartbeat'>): string =>
  on.print(event, [on.paint.dim(`${cleanLine(event.tool ?? 'it')} runs for ${duration((event.elapsedSeconds ?? 0) * 1000)}`)]);

export const background = (on: Page, event: EventOf<'background'>): string =>
  on.print(event, [on.paint.dim(`in the background: ${on.cut(cleanLine(event.works.map(({ text }) => text).join(', '))) || 'nothing'}`)]);

export const quiet = (on: Page, event: EventOf<'quiet'>): string =>
  on.print(event, [on.paint.dim(cleanLine(`${event.type} ${event.line.slice(0, 400)}`))]);

export const failure = (on: Page, event: EventOf<'failure'>): string =>
  on.print(event, [
    on.paint.red(`✗ ${cleanLine(event.type)}: ${cleanLine(event.message)}`),
    ...(event.hint === '' ? [] : [`  ${cleanLine(event.hint)}`]),
  ]);

/** A line of tac8's own: a heading with the facts that it carries. */
export function own(on: Page, event: EventOf<'tac8'>): string {
  const { at } = event;
  const named = new Set(['type', 'event', 'run', 'at', 'time', 'timestamp', 'task']);
  const facts = Object.entries(event.fields).map(([key, value]) => {
    const words = string(value) ?? number(value);
    return named.has(key) || words === null ? null : `${key} ${words}`;
  });
  const title = joined([event.event.replaceAll('_', ' '), event.run, ...facts]);
  return `${on.paint.bold(`━━ ${cleanLine(title)}`)}${at === null ? '' : on.paint.dim(`  ${dayAndClock(at)}`)}\n`;
}
