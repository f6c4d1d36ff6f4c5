import type { AgentKind } from '../../src/agents/ground/kind.ts';
import { KINDS } from '../../src/agents/kinds.ts';

const BEGIN = '<!-- written by scripts/write-schema.ts from src/agents -->\n';
const END = '<!-- end of what is written -->\n';

/** docs/agents.md with its table written anew from what the agents' folders declare; the text around it stays. Throws where its marks are missing. */
export function withAgentsTable(page: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error(`the page lacks ${from === -1 ? BEGIN : END}`);
  return `${page.slice(0, from)}${BEGIN}${table()}${page.slice(to)}`;
}

/** What is promised, by what the agent's folder says of it. */
const COLUMNS: readonly (readonly [head: string, says: (kind: AgentKind) => string])[] = [
  ['runs by default', ({ written }) => (written.program === null ? 'nothing: name it' : `\`${written.program}\``)],
  ['log', ({ can }) => (can.words === 'read' ? 'read' : 'kept as it is')],
  ['tell', ({ can }) => (can.steer === 'stdin' ? 'while it works' : 'with its next run')],
  ['stop in a tool', ({ can }) => (can.stopHooks ? 'at the tool’s end' : 'at its next line')],
  ['interrupt', ({ can }) => (can.interrupt ? 'by its protocol' : 'by signals')],
  ['resume', ({ can }) => yes(can.resume)],
  ['attach', ({ can }) => yes(can.attach)],
  ['effort', ({ written }) => yes(written.effort)],
  ['tool servers', ({ written }) => written.servers],
  ['cost', ({ can }) => (can.cost === 'stated' ? 'as it states' : 'unknown')],
  ['how it ended', ({ can }) => (can.end === 'result' ? 'by its words' : 'by its exit code')],
];

const yes = (is: boolean): string => (is ? 'yes' : 'no');

function table(): string {
  const names: readonly (readonly [string, AgentKind])[] = Object.entries(KINDS);
  return [
    `| kind | ${COLUMNS.map(([head]) => head).join(' | ')} |`,
    `|${' --- |'.repeat(COLUMNS.length + 1)}`,
    ...names.map(([name, kind]) => `| \`${name}\` | ${COLUMNS.map(([, says]) => says(kind)).join(' | ')} |`),
    '',
  ].join('\n');
}
