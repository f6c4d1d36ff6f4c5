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
import {
  ACP,
  BOARD,
  BUILD,
  CLAIM,
  CODEX,
  GEMINI,
  INDEX,
  JSONS,
  LISTING,
  MARKDOWN,
  OPENCODE,
  ORDERS,
  PACKED,
  PATHS,
  SETTINGS,
  TICKS,
  WORDS,
  YAML,
} from './pieces.ts';

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
