import type { AgentEvent } from '../../agents/words/events.ts';
import { cleanLine, cleanText } from './clean.ts';
import { spendWords } from './quantities.ts';
import type { Show } from './text.ts';
import { sentBy } from './text-notices.ts';
import { exitCodeOf, resultLines, showCall } from './tool-text.ts';

const FOLDED_RESULT = 20;

/** The conversation as Markdown: messages as they are, calls and results as code. */
export function markdownShow(detailed: boolean): Show {
  return (event) => {
    const block = markdownOf(event, detailed);
    if (block === '') return '';
    const quoted = event.parent === null ? block : block.replaceAll(/^/gm, '> ');
    return `${quoted}\n\n`;
  };
}

function markdownOf(event: AgentEvent, detailed: boolean): string {
  switch (event.kind) {
    case 'tac8':
      return `## ${cleanLine([event.event.replaceAll('_', ' '), event.run ?? ''].join(' '))}`;
    case 'failure':
      return `**${cleanLine(event.type)}**: ${cleanLine(event.message)}\n${cleanLine(event.hint)}`.trim();
    case 'text':
      return cleanText(event.text.trim());
    case 'user':
      return cleanText(`${event.synthetic ? `${sentBy(event)}: ` : ''}${event.text.trim()}`).replaceAll(/^/gm, '> ');
    case 'tool_start': {
      const { head, body } = showCall(event, detailed);
      return `**${cleanLine(event.name)}**\n${fenced([head, ...body.map(({ mark, text }) => (mark === ' ' ? text : `${mark} ${text}`))])}`;
    }
    case 'tool_end': {
      const code = exitCodeOf(event);
      const lines = resultLines(event.output);
      const shown =
        detailed || lines.length <= FOLDED_RESULT ? lines : [...lines.slice(0, FOLDED_RESULT), `… ${lines.length - FOLDED_RESULT} more`];
      return `${event.ok ? 'Result' : 'Error'}${code === null ? '' : ` (exit ${code})`}:\n${fenced(shown)}`;
    }
    case 'turn_end': {
      const spent = event.spent ?? event.total;
      const how = event.isError ? `*Turn ended: ${cleanLine(event.terminalReason ?? event.subtype)}*` : '*Turn ended*';
      return spent === null ? how : `${how} ${spendWords(spent)}`;
    }
    case 'provider_error':
      return `**${cleanLine(event.cause)}**: ${cleanLine(event.message)}`;
    case 'retry':
      return `*Retry ${event.attempt}: ${event.status ?? 'network'} ${cleanLine(event.cause)}*`;
    case 'raw':
      return fenced([cleanLine(event.text)]);
    default:
      return '';
  }
}

/** A code block whose fence is longer than any run of backticks inside. */
export function fenced(lines: readonly string[]): string {
  const text = lines.join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}
