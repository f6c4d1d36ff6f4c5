import { readIndexFile } from '../../../src/adapters/git/saved/index-file.ts';
import { entriesOf } from '../../../src/adapters/git/saved/own-index.ts';
import { mergePacked } from '../../../src/adapters/git/sound/parts.ts';
import { readSettings } from '../../../src/adapters/git/view/config-text.ts';
import { knotted } from '../../../src/adapters/text/knotted.ts';
import { plainText } from '../../../src/adapters/text/plain.ts';
import { parseLine } from '../../../src/agents/line.ts';
import { parseConfig } from '../../../src/config/read/load.ts';
import { parseBoard, textOf } from '../../../src/core/board/text/parse.ts';
import { readTicks } from '../../../src/core/explain/dashboard.ts';
import { resetIn, saysLimit } from '../../../src/core/limits/reset.ts';
import { EMPTY_STREAM } from '../../../src/core/model/run.ts';
import { excerptOf } from '../../../src/core/review/excerpt.ts';
import { guardedIn } from '../../../src/core/review/guard.ts';
import { beginsAsOrder, readAnswer, readOrder } from '../../../src/core/review/spoken-orders.ts';
import { readClaim } from '../../../src/core/start/issue-claim.ts';
import { harmless, harmlessTitle } from '../../../src/core/words/harmless.ts';
import { sanitiseLine } from '../../../src/core/words/sanitise.ts';
import { advance } from '../../../src/transcript/facts/facts.ts';

/** Something on the loop's own thread that reads what strangers and workers can write. */
export interface Parser {
  readonly name: string;
  /** What its texts are put together from. */
  readonly pieces: readonly string[];
  /** A text of everyday, as long as it has to be. */
  readonly everyday: string;
  /** The longest text that it reads, and what that may cost, where it is not asked each tick. */
  readonly rarely?: { readonly size: number; readonly ms: number };
  /** Reads the text; throws where it breaks a promise. */
  read(text: string): void;
}

const MARKDOWN = [
  '<!--',
  '-->',
  '>',
  '<',
  '[',
  ']',
  '](',
  '![',
  '`',
  '```',
  '*',
  '_',
  '#',
  '- ',
  '> ',
  '1. ',
  '|',
  '~',
  '$',
  '\\',
  '&#',
  ';',
  '"',
  "'",
  ' ',
  '\t',
  '\n',
  '\r',
  'a',
  '@a',
  '#1',
  'GH-1',
  '\u200b',
  '\u{1f468}',
  '\ufe0f',
  ':',
  '/',
  'https://',
  '=',
];
const JSONS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '":',
  ',',
  '\\',
  '\\u0000',
  '\n',
  ' ',
  '1',
  'null',
  '"type":',
  '"assistant"',
  '"result"',
  '"message":',
  '"content":',
  '"text"',
  '{"type":"user","message":{"content":[{"type":"text","text":"',
  '{"type":"assistant","message":{"content":[',
  '\u0000',
  '\ud800',
  '-',
  'e9',
];
/** What the other agents' own words begin with; the rest is as everybody's. */
const CODEX = [
  '{"method":"item/completed","params":{"item":{"type":"commandExecution","aggregatedOutput":"',
  '{"method":"turn/completed","params":{"turn":{"status":"failed","error":{"message":"',
  '{"type":"item.completed","item":{"type":"',
  '{"type":"turn.failed","error":{"message":"',
  '"item":{"changes":[{"path":"',
  '"diff":"@@ -1 +1 @@',
];
const ACP = [
  '{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"',
  'agent_message_chunk","content":{"type":"text","text":"',
  'tool_call_update","toolCallId":"a","content":[{"type":"diff","oldText":"',
  '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"',
  '{"jsonrpc":"2.0","id":1,"result":{"stopReason":"',
];
const GEMINI = [
  '{"type":"message","role":"assistant","content":"',
  '{"type":"tool_result","tool_id":"a","status":"error","output":"',
  '{"type":"result","status":"error","error":{"message":"',
  '{"type":"tool_use","tool_name":"replace","parameters":{"old_string":"',
];
const OPENCODE = [
  '{"type":"message.part.updated","properties":{"part":{"type":"tool","state":{"status":"completed","output":"',
  '{"type":"session.error","properties":{"error":{"name":"ProviderAuthError","data":{"message":"',
  '{"type":"tool_use","part":{"type":"tool","tool":"edit","state":{"input":{"oldString":"',
  '{"type":"text","part":{"type":"text","text":"',
];
const ORDERS = ['/tac8', ' ', 'retry', 'tell ', 'approve', '\n', 'approved', '!', '.', '\u200b', '@a', '`', '<!--', 'a', '\t'];
const TICKS = ['- [x] ', '* [X] ', '[ ]', '<!-- tac8:do ', 'retry', ' gh-1', ' ', '-->', 'a'.repeat(40), '\n', 'approve', '-', ':'];
const BUILD = [
  '##[error]',
  'error',
  'no error',
  '0 failed',
  'fail',
  '2026-11-29T00:00:00Z ',
  '\n',
  '\r',
  ' ',
  'a',
  '✗',
  'assert',
  '\u001b[31m',
];
const PACKED = [
  `${'a'.repeat(40)} refs/heads/a\n`,
  '^',
  'b'.repeat(40),
  '\n',
  '# pack-refs with: peeled fully-peeled sorted \n',
  ' ',
  'refs/',
  '\0',
];
const PATHS = [
  '.github/workflows/',
  'CODEOWNERS',
  '.claude/',
  'settings.json',
  '/',
  '..',
  '.',
  '\n',
  'a',
  '.GIT',
  'package.json',
  '\\',
  '*',
];
const INDEX = [
  'DIRC\0\0\0\u0004',
  'DIRC\0\0\0\u0002',
  '\0\0\u00ff\u00ff',
  '\u0081\u00a4',
  '\0'.repeat(40),
  'a/',
  'TREE',
  '\0',
  '\u00ff',
  'link',
  '\u0080',
];
const CLAIM = [...JSONS, '{"owner":"a","machine":"b","issues":{"gh-1":[', '1e400', '-1', '"gh-1"'];

/** The last lines of a program of any kind. */
const WORDS = [
  'usage limit reached',
  '|',
  '1764450000',
  'resets ',
  'at ',
  '3pm',
  ' in 5 h',
  'try again ',
  '429 ',
  'rate limit ',
  ' ',
  '-',
  '2026-11-29T',
  '\n',
  '1',
  ':',
];

const YAML = [
  'label: ',
  '- ',
  '  ',
  '\n',
  ': ',
  '&a',
  '*a',
  '!!',
  '|',
  '>',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '#',
  '?',
  '<<: ',
  'a',
  '1',
  '%',
  '\t',
  '---',
  '...',
  'agent:',
  'limits:',
  '\\',
];
const BOARD = [
  '## Pending\n',
  '## Active\n',
  '[] ',
  '[🟡 w-1d71d2, trees/gh-5] ',
  '[✅ 4c0e81c, w-78ba81] ',
  'gh-1: ',
  '- Reason: ',
  '- ',
  '\n',
  ' ',
  '#',
  '(',
  ')',
  '<!-- tac8: ',
  ' -->',
  '{p1}',
  '\r',
  '\t',
  'a',
  '\u200b',
  '>',
  '=',
  '```',
  '<<<<<<< ',
  '=======',
];
const LISTING = ['100644 ', '120000 ', '160000 ', 'a'.repeat(40), ' 0', '\t', '\0', 'a', '/', '..', '\n', '"', '\\', 'H ', 'S '];

const SETTINGS = [
  '[remote "origin"]',
  '[',
  ']',
  '"',
  'url',
  ' = ',
  '=',
  '\n',
  '\\',
  '\\\n',
  ';',
  '#',
  '\t',
  ' ',
  'a',
  '.',
  '[filter "x"]\n',
  'clean = x\n',
  '\r',
];

const stream = (name: string, pieces: readonly string[], everyday: string): Parser => ({
  name,
  pieces: [...pieces, ...JSONS],
  everyday,
  read(text) {
    let facts = EMPTY_STREAM;
    for (const line of text.split('\n')) facts = advance(facts, parseLine(line), line.length + 1, 0);
  },
});

export const PARSERS: readonly Parser[] = [
  {
    name: 'issue text, before its thread',
    pieces: MARKDOWN,
    everyday: 'When the `list` is empty, see [that](https://x), the page shows *nothing*.\n\n',
    read(text) {
      knotted(text);
      plainText(text);
      sanitiseLine(text);
    },
  },
  {
    name: 'words that leave',
    pieces: MARKDOWN,
    everyday: 'Added `code` and tests, see @ada and #1.\n\n',
    read(text) {
      harmlessTitle(text.slice(0, 4_000));
      if (harmless(text).length > 60_000) throw new Error('a body is too long for the forge');
    },
  },
  stream("Claude Code's stream", [], '{"type":"assistant","message":{"content":[{"type":"text","text":"hello"}]}}\n'),
  stream("Codex's stream", CODEX, '{"method":"item/completed","params":{"item":{"type":"agentMessage","text":"hello"}}}\n'),
  stream(
    "an ACP agent's stream",
    ACP,
    '{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"agent_message_chunk"}}}\n',
  ),
  stream("Gemini's stream", GEMINI, '{"type":"message","role":"assistant","content":"hello"}\n'),
  stream("OpenCode's stream", OPENCODE, '{"type":"text","part":{"type":"text","text":"hello"}}\n'),
  {
    name: 'orders in comments',
    pieces: ORDERS,
    everyday: '/tac8 tell Use Parquet, please.\n',
    read(text) {
      beginsAsOrder(text);
      readOrder(text, text.slice(0, 200));
      readAnswer(text, 'ada', true);
    },
  },
  {
    name: "the dashboard's boxes",
    pieces: TICKS,
    everyday: '- [ ] retry gh-1 <!-- tac8:do retry gh-1 -->\n',
    read: (text) => void readTicks(text),
  },
  { name: "a build's log", pieces: BUILD, everyday: '2026-11-29T00:00:00Z Built 14 modules\n', read: (text) => void excerptOf(text) },
  {
    name: "git's packed refs",
    pieces: PACKED,
    everyday: `${'a'.repeat(40)} refs/heads/main\n`,
    read: (text) => void mergePacked(text, text),
  },
  { name: 'paths of a commit', pieces: PATHS, everyday: 'src/a/b.ts\0', read: (text) => void guardedIn(text.split('\0'), ['docs/**']) },
  {
    name: "git's index",
    pieces: INDEX,
    everyday: `${'\0'.repeat(60)}\u0005a.txt\0\0\0`,
    read: (text) => void readIndexFile(Buffer.from(text, 'latin1')),
  },
  { name: 'a claim at the remote', pieces: CLAIM, everyday: '{"owner":"a"}\n', read: (text) => void readClaim(text, 'gh-1') },
  {
    name: "a command's last line",
    pieces: WORDS,
    everyday: 'Built 14 modules in 3 s. ',
    read(text) {
      if (saysLimit(text) && (resetIn(text, 1_764_400_000_000) ?? 0) < 0) throw new Error('a limit ended before 1970');
    },
  },
  {
    name: 'the board',
    pieces: BOARD,
    everyday: '## Pending\n[] gh-1: A title\n- Reason: none\n',
    read(text) {
      if (textOf(parseBoard(text).nodes) !== text) throw new Error('a board is not the sum of its parts');
    },
  },
  { name: "git's listing", pieces: LISTING, everyday: `100644 ${'a'.repeat(40)} 0\tsrc/a.ts\0`, read: (text) => void [...entriesOf(text)] },
  {
    name: "git's settings",
    pieces: SETTINGS,
    everyday: '[remote "origin"]\n\turl = https://x/y.git\n',
    read: (text) => void readSettings(text),
  },
  {
    name: 'the configuration',
    pieces: YAML,
    everyday: 'label: rpi-auto\n',
    rarely: { size: 32 * 1024, ms: 2_000 },
    read: (text) => void parseConfig(text, {}),
  },
];
