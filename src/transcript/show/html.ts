import { createHash } from 'node:crypto';
import type { AgentEvent } from '../../agents/words/events.ts';
import { cleanText } from './clean.ts';
import { STYLE } from './html-style.ts';
import { PLAIN } from './paint.ts';
import { counted } from './quantities.ts';
import { type Show, textShow } from './text.ts';

/** Text for any place in a page but a script, a style or an address: those hold none. Nothing in it controls a terminal either. */
export const escapeHtml = (text: string): string =>
  cleanText(text.toWellFormed()).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** No address, no script, no form: a page that shows and does nothing else, whatever an agent wrote. */
export function htmlHead(title: string, more = ''): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(more)}</p></header>
<main>
`;
}

export const htmlFoot = (words: string): string => `</main>\n<footer><p>${escapeHtml(words)}</p></footer>\n</body>\n</html>\n`;

const MAX_LINES = 400;
const MAX_CHARACTERS = 50_000;

/** The conversation as parts of a page: messages in full, calls and results folded. `detailed`: nothing of them is cut. */
export function htmlShow(detailed: boolean): Show {
  const brief = textShow({ detailed, paint: PLAIN });
  const full = textShow({ detailed: true, paint: PLAIN });
  return (event) => {
    const [shown, whole] = [brief(event), full(event)];
    if (shown === '') return '';
    const [first = '', ...more] = shown.trimEnd().split('\n');
    // A folded part has a triangle of its own.
    const [before = '', time = '', indent = ''] = /^(.{8}) {2}( *)(?:▸ )?/.exec(first) ?? [];
    const line = first.slice(before.length);
    const depth = Math.min(MAX_DEPTH, Math.floor(indent.length / 2));
    const open = `<div class="${classOf(event)} d${depth}"><time>${escapeHtml(time.trim())}</time>`;
    switch (event.kind) {
      case 'tac8':
        return `<h2>${escapeHtml(shown.trim())}</h2>\n`;
      case 'user':
        if (event.synthetic) return `${open}${folded(line, whole, false)}</div>\n`;
        return `${open}<div>${escapeHtml(event.text.trim())}</div></div>\n`;
      case 'text':
        return `${open}<div>${escapeHtml(event.text.trim())}</div></div>\n`;
      case 'tool_start':
      case 'tool_end':
      case 'thinking':
        return `${open}${folded(line, detailed ? whole : cut(whole), event.kind === 'tool_end' && !event.ok)}</div>\n`;
      default:
        return `${open}<div>${escapeHtml([line, ...more.map((each) => each.trim())].join('\n'))}</div></div>\n`;
    }
  };
}

const MAX_DEPTH = 6;

function folded(summary: string, text: string, open: boolean): string {
  const [first = '', ...rest] = unindented(text).split('\n');
  const body = first === summary ? rest : [first, ...rest];
  if (body.length === 0) return `<div>${escapeHtml(summary)}</div>`;
  return `<details${open ? ' open' : ''}><summary>${escapeHtml(summary)}</summary><pre>${escapeHtml(body.join('\n'))}</pre></details>`;
}

/** Without the column of the time, and without what all lines are indented by. */
function unindented(text: string): string {
  const lines = text.trimEnd().split('\n');
  const [whole = ''] = lines;
  const first = whole.slice((/^.{8} *(?:▸ )?/.exec(whole)?.[0] ?? whole).length);
  const rest = lines.slice(1);
  const least = Math.min(...rest.filter((line) => line !== '').map((line) => line.length - line.trimStart().length));
  return [first, ...rest.map((line) => line.slice(least))].join('\n');
}

function cut(text: string): string {
  const lines = text.trimEnd().split('\n');
  const kept = lines.slice(0, MAX_LINES).join('\n');
  if (kept.length > MAX_CHARACTERS) return `${kept.slice(0, MAX_CHARACTERS)}\n… cut: --detailed shows it whole`;
  return lines.length > MAX_LINES ? `${kept}\n… ${counted(lines.length - MAX_LINES, 'line')} more: --detailed shows them` : kept;
}

function classOf(event: AgentEvent): string {
  switch (event.kind) {
    case 'failure':
    case 'provider_error':
      return 'bad';
    case 'tool_end':
      return event.ok ? 'result' : 'result bad';
    case 'turn_end':
      return event.isError ? 'bad' : 'good';
    case 'retry':
    case 'rate_limit':
    case 'denied':
      return 'warn';
    case 'user':
      return event.synthetic ? 'aside' : event.kind;
    case 'text':
    case 'thinking':
      return event.kind;
    case 'tool_start':
      return 'call';
    default:
      return 'aside';
  }
}
