import { execFile } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeFolder } from '../../../src/chaos/judge/judge.ts';
import type { ChaosResult } from '../../../src/chaos/report.ts';
import { SOURCES as MAIN } from '../../support/world/built.ts';

/*
 * `tac8 chaos` as a person starts it; then its evidence is spoiled, one promise after the other: the judge has to see it.
 */

let top: string;
let dir: string;
let ended: { readonly code: number | null; readonly out: string; readonly err: string };
let result: ChaosResult;

beforeAll(async () => {
  top = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-e2e-')));
  dir = join(top, 'chaos');
  const env = { PATH: process.env.PATH ?? '', HOME: top, LANG: 'C.UTF-8', NO_COLOR: '1' };
  const args = [MAIN, 'chaos', '--rounds', '5', '--seed', '7', '--json', '--exit', '--dir', dir];
  ended = await new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: top, env, timeout: 110_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
  result = JSON.parse(ended.out) as ChaosResult;
}, 120_000);

afterAll(() => rmSync(top, { recursive: true, force: true }));

/** The promises that the judge finds broken. */
const broken = async (): Promise<string[]> => (await judgeFolder(dir)).filter((count) => count.broken > 0).map((count) => count.what);

/** Spoils a file for one judgement. */
async function spoil(path: string, change: (text: string) => string): Promise<string[]> {
  const before = readFileSync(path);
  try {
    writeFileSync(path, change(before.toString('latin1')), 'latin1');
    return await broken();
  } finally {
    writeFileSync(path, before);
  }
}

/** The log of a run that has an end, and whose agent said something. */
function someLog(): string {
  const logs = join(dir, 'widgets', 'logs');
  const found = readdirSync(logs).find((name) => {
    if (!/\.w-[0-9a-f]+\.jsonl$/.test(name)) return false;
    const text = readFileSync(join(logs, name), 'utf8');
    return text.includes('run_ended') && text.includes('Step 1.');
  });
  return join(logs, found ?? 'no log with an end');
}

describe('tac8 chaos', () => {
  it('kills the daemon five times, and finds every promise kept', () => {
    expect({ code: ended.code, err: ended.err, broken: result.counts.filter((count) => count.broken > 0) }).toEqual({
      code: 0,
      err: '',
      broken: [],
    });
    expect(Object.values(result.kills).reduce((sum, times) => sum + times, 0)).toBe(5);
    expect(result.counts.map((count) => count.promise)).toEqual(expect.arrayContaining([1, 2, 3, 4, 6, 7, 8]));
    const kept = (what: RegExp): number => result.counts.find((count) => what.test(count.what))?.kept ?? 0;
    expect(kept(/every byte/)).toBeGreaterThan(2);
    expect(kept(/every file/)).toBeGreaterThan(2);
  });

  it('sees bytes that are missing in a log', async () => {
    expect(await spoil(someLog(), (text) => text.replace('Step 1.', 'Step1.'))).toEqual(['every byte an agent wrote is in its log']);
  });

  it('sees an exit code that was told wrongly', async () => {
    const wrong = (text: string): string => text.replace(/("event":"run_ended".*"exit":)\d+/, '$1111');
    expect(await spoil(someLog(), wrong)).toEqual(['the exit code told is the one the shell saw']);
  });

  it('sees a second launch of the same run, and an agent that lived beside another of its task', async () => {
    const agents = join(dir, 'agents');
    const journal = join(agents, readdirSync(agents).find((name) => name.endsWith('.jsonl')) ?? '');
    expect(await spoil(journal, (text) => `${text}${text.split('\n')[0]}\n`)).toContain('one live worker per task, one launch per run');
    const testimony = join(dir, 'chaos', 'testimony.json');
    const left = (text: string): string => JSON.stringify({ ...(JSON.parse(text) as object), left: ['4711 sleep 60'] });
    expect(await spoil(testimony, left)).toEqual(['nothing lives of a run that is told ended']);
  });

  it('sees a comment that was posted twice', async () => {
    const state = join(dir, 'forge', 'state.json');
    const twice = (text: string): string => {
      const all = JSON.parse(text) as { comments: object[] };
      const comment = { id: 1, issue: 1, author: 'tac8-bot', body: 'again' };
      return JSON.stringify({ ...all, comments: [...all.comments, comment, { ...comment, id: 2 }] });
    };
    expect(await spoil(state, twice)).toContain('one comment on an issue whose task has ended');
  });

  it('sees work that no ref reaches', async () => {
    const agents = join(dir, 'agents');
    const journal = join(agents, readdirSync(agents).find((name) => name.endsWith('.jsonl')) ?? '');
    const lost = (text: string): string => {
      const lines = text.trimEnd().split('\n');
      const last = JSON.parse(lines.at(-1) ?? '') as { seq: number; at: number };
      const entry = { ...last, kind: 'commit', text: 'f'.repeat(40), seq: last.seq + 1 };
      return `${[...lines, JSON.stringify(entry)].join('\n')}\n`;
    };
    expect(await spoil(journal, lost)).toContain('every commit of an agent is in git');
  });

  it('sees a run without an end, and a daemon that ended by itself', async () => {
    expect(await spoil(someLog(), (text) => text.replaceAll('"event":"run_ended"', '"event":"other"'))).toContain('every run has its end');
    const deeds = join(dir, 'chaos', 'deeds.jsonl');
    const before = readFileSync(deeds);
    appendFileSync(deeds, `${JSON.stringify({ kind: 'daemon-ended', at: 0, how: 'exit code 1' })}\n`);
    expect(await broken()).toEqual(['the daemon killed, the next one carries on']);
    writeFileSync(deeds, before);
  });
});
