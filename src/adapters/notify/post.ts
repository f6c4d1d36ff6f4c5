import type { Channel } from '../../core/alerts/channel.ts';
import type { Notice } from '../../core/model/alert.ts';
import { PortError } from '../../engine/ports/error.ts';
import { documentOf, type Origin, sentenceOf } from './words.ts';

type Posted = Extract<Channel, { kind: 'slack' | 'discord' | 'ntfy' | 'webhook' }>;

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What each kind of service wants to get. Texts from outside can address nobody and format nothing. */
export function messageFor(kind: Posted['kind'], notice: Notice, origin: Origin): Message {
  const mark = notice.event === 'fired' ? '🔴' : notice.event === 'cleared' ? '🟢' : '🔵';
  const lines = [sentenceOf(notice), ...(notice.hint === '' ? [] : [notice.hint])];
  switch (kind) {
    case 'slack':
      return json({ text: `${mark} *tac8 ${forSlack(origin.repo)}* ${lines.map(forSlack).join('\n')}` });
    case 'discord':
      return json({
        content: cut(`${mark} **tac8 ${forDiscord(origin.repo)}** ${lines.map(forDiscord).join('\n')}`, 2_000),
        allowed_mentions: { parse: [] },
      });
    case 'ntfy': {
      const tags = { fired: 'rotating_light', cleared: 'white_check_mark', test: 'wave' }[notice.event];
      // Headers take Latin letters alone.
      const title = `tac8 ${origin.repo}: ${notice.rule.replaceAll('_', ' ')}`.replace(/[^\x20-\x7e]/g, '?');
      return {
        headers: { 'content-type': 'text/plain; charset=utf-8', title, tags, priority: notice.event === 'fired' ? '4' : '2' },
        body: cut(lines.join('\n'), 3_500),
      };
    }
    case 'webhook':
      return {
        headers: { 'content-type': 'application/json', 'idempotency-key': notice.id },
        body: JSON.stringify(documentOf(notice, origin)),
      };
  }
}

const json = (value: unknown): Message => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });
const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Its three control characters; without them `<!channel>` is text. */
const forSlack = (text: string): string => cut(text, 3_000).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** Backticks stay: the hints are written with them. */
const forDiscord = (text: string): string => text.replace(/[\\*_~|>#[\]()@]/g, (char) => `\\${char}`);

/** Sends it once; answers what came back. An answer that is no 2xx throws: a redirect would turn the POST into a GET that looks like success. */
export async function postMessage(url: string, { headers, body }: Message, signal: AbortSignal): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(url, { method: 'POST', headers: { 'user-agent': 'tac8', ...headers }, body, signal, redirect: 'manual' });
  } catch (error) {
    throw new PortError('retryable', `${hostOf(url)} did not answer: ${causeOf(error)}`, { cause: error });
  }
  const said = `${answer.status} ${await beginning(answer)}`.trim();
  if (answer.ok) return said;
  const until = untilOf(answer);
  throw new PortError(until === null ? 'retryable' : 'limited', `${hostOf(url)} answered ${said}`, { ...(until !== null && { until }) });
}

/** The rest of the address may be a secret. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'an invalid address');

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'it took too long';
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}

const LONGEST_HOLD = 60 * 60_000;

function untilOf(answer: Response): number | null {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return answer.status === 429 && seconds >= 0 ? Date.now() + Math.min(seconds * 1000, LONGEST_HOLD) : null;
}

const MOST_READ = 500;

/** As much of the answer as a person wants to see; the rest is not waited for. */
async function beginning(answer: Response): Promise<string> {
  if (answer.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of answer.body) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length >= MOST_READ) break;
    }
  } catch {
    text += ' (cut short)'; // the status says whether it was taken
  }
  return text.slice(0, MOST_READ).replace(/\s+/g, ' ').trim();
}
