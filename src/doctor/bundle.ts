import { writeFile } from 'node:fs/promises';
import { arch, platform, release } from 'node:os';
import { createTarGzip } from 'nanotar';
import { messageOf } from '../core/words/message-of.ts';
import { openPlain, readPlainFile } from '../files/open-plain.ts';
import type { Examination } from './examination.ts';

export interface BundleParts {
  readonly version: string;
  readonly examination: Examination;
  /** Absolute paths. */
  readonly config: string;
  readonly log: string;
  readonly metrics: string;
  /** As `status --json` and the history tell; each may throw, and then that is what stands in its place. */
  readonly status: () => unknown;
  readonly history: () => unknown;
  readonly redact: (text: string) => string;
}

/** So much of the end of the daemon's log. */
const LOG_TAIL = 2 * 1024 * 1024;

const ABOUT = `What \`tac8 doctor --bundle\` wrote for a bug report. Keys, tokens, passwords and addresses with a login were taken out, as far as they
can be told by their names and shapes: look through it before you give it away. Titles of tasks and paths are in it; what agents said is not.
`;

/** Writes the archive for a bug report; answers the names in it. Never over a file that is there. */
export async function writeBundle(file: string, parts: BundleParts): Promise<readonly string[]> {
  const { version, examination } = parts;
  const findings = examination.findings.map(({ fix, ...rest }) => ({ ...rest, fix: fix?.what ?? null }));
  const versions = {
    tac8: version,
    node: process.version,
    platform: platform(),
    release: release(),
    arch: arch(),
    sqlite: process.versions.sqlite,
  };
  const texts: readonly (readonly [string, () => string | Promise<string>])[] = [
    ['README.txt', () => ABOUT],
    ['versions.json', () => json(versions)],
    ['doctor.json', () => json({ root: examination.root, findings })],
    ['status.json', () => json(parts.status())],
    ['history.json', () => json(parts.history())],
    ['tac8.yaml', () => readPlainFile(parts.config, MOST)],
    ['tac8.log', () => tailOf(parts.log)],
    ['metrics.json', () => readPlainFile(parts.metrics, MOST)],
  ];
  const files = await Promise.all(
    texts.map(async ([name, text]) => ({ name: `tac8-report/${name}`, data: parts.redact(await orWhy(text)) })),
  );
  const archive = await createTarGzip(files, { attrs: { mode: '600', mtime: Date.now() } });
  await writeFile(file, archive, { flag: 'wx', mode: 0o600 });
  return files.map(({ name }) => name);
}

const MOST = 16 * 1024 * 1024;
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** A report is wanted most where something does not work. */
async function orWhy(text: () => string | Promise<string>): Promise<string> {
  try {
    return await text();
  } catch (error) {
    return `not available: ${messageOf(error)}\n`;
  }
}

/** Whole lines. */
async function tailOf(path: string): Promise<string> {
  const file = await openPlain(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - LOG_TAIL);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await file.close();
  }
}
