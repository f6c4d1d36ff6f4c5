import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { inTurns, type Sample, sampleOf } from './measure.ts';
import { type Bench, inMiB, inMs, quotient, type Row } from './row.ts';

const LOG_BYTES = 1e9;
const FASTER = 5;
const MEMORY_BOUND = 150 * 1024 ** 2;
const SCREEN_LINES = 50;
const SCREEN_BOUND_MS = 300;
const SAMPLES = join(import.meta.dirname, '../test/fixtures/agents');
/** What people type, as the README shows it. */
const BY_HAND = `cat "$1" | jq 'select(.type=="assistant") | .message.content[] | select(.type=="tool_use") | .name' | sort | uniq -c`;
/** jq needs half a minute for it on a slow machine. */
const LIMIT_MS = 300_000;

/** `view` on a log of 1 GB that nobody has looked at before: how often each tool was used, against jq; and the first screen. */
export async function viewLog(bench: Bench): Promise<readonly Row[]> {
  mkdirSync(join(bench.dir, 'logs'));
  const log = join(bench.dir, 'logs/gh-7.w-aaaaaa.jsonl');
  writeLog(log);
  const [tac8, jq] = await countingTools(bench, log);
  const screens = [];
  for (let round = 0; round < bench.rounds; round += 1) screens.push(await firstScreen(bench));
  const peak = peakOf(bench);
  const screen = sampleOf(screens);
  const how = 'a log of 1 GB made of recorded Claude Code streams, in the page cache, nothing kept from earlier looks';
  return [
    {
      what: '`view N --tools`, 1 GB',
      tac8: inMs(tac8),
      rival: `cat, jq, sort, uniq -c: ${inMs(jq)}`,
      ratio: quotient(tac8.median, jq.median),
      bound: `≤ 1/${FASTER} of it, the same output`,
      holds: tac8.median * FASTER <= jq.median,
      how: `${how}; process start to exit, ${jq.values.length} in turns, median (min–max); the outputs are compared byte for byte`,
    },
    {
      what: '`view N --tools`, 1 GB, memory',
      tac8: inMiB(peak),
      rival: '–',
      ratio: '–',
      bound: `< ${inMiB(MEMORY_BOUND)}`,
      holds: peak < MEMORY_BOUND,
      how: `${how}; the most that it held at any time (ru_maxrss)`,
    },
    {
      what: '`view N`, 1 GB, first screen',
      tac8: inMs(screen),
      rival: '–',
      ratio: '–',
      bound: `< ${SCREEN_BOUND_MS} ms`,
      holds: screen.median < SCREEN_BOUND_MS,
      how: `${how}; process start until ${SCREEN_LINES} lines are there, ${bench.rounds} times`,
    },
  ];
}

/** Whole lines alone: jq ends at the first torn one. */
function writeLog(path: string): void {
  const names = readdirSync(SAMPLES).filter((name) => name.startsWith('claude') && name.endsWith('.jsonl'));
  const lines = names.flatMap((name) => readFileSync(join(SAMPLES, name), 'utf8').split('\n').filter(isWhole));
  const unit = Buffer.from(`${lines.join('\n')}\n`);
  const file = openSync(path, 'w');
  try {
    for (let written = 0; written < LOG_BYTES; written += unit.length) writeSync(file, unit);
  } finally {
    closeSync(file);
  }
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    // Cut off where its run was killed.
    return false;
  }
}

async function countingTools(bench: Bench, log: string): Promise<readonly [Sample, Sample]> {
  let [ours, theirs] = ['', ''];
  const timed = (run: () => string, keep: (text: string) => void) => async () => {
    const started = performance.now();
    const text = run();
    const took = performance.now() - started;
    keep(text);
    return took;
  };
  const options = { cwd: bench.dir, env: bench.env, encoding: 'utf8', timeout: LIMIT_MS } as const;
  const [node, ...args] = [...bench.tac8, 'view', '7', '--tools'] as const;
  const [tac8, jq] = await inTurns(
    Math.min(3, bench.rounds),
    timed(
      () => execFileSync(node, args, options),
      (text) => {
        ours = text;
      },
    ),
    timed(
      () => execFileSync('/bin/sh', ['-c', BY_HAND, 'sh', log], options),
      (text) => {
        theirs = text;
      },
    ),
  );
  if (ours !== theirs || ours === '') throw new Error(`the outputs differ:\n${ours}\n${theirs}`);
  if (!tac8 || !jq) throw new Error('two things were measured');
  return [tac8, jq];
}

/** Milliseconds until that many lines are there; then the reader leaves, as a pager that is quit. */
async function firstScreen(bench: Bench): Promise<number> {
  const started = performance.now();
  const [node, ...args] = [...bench.tac8, 'view', '7'] as const;
  const child = spawn(node, args, { cwd: bench.dir, env: bench.env, stdio: ['ignore', 'pipe', 'inherit'], timeout: LIMIT_MS });
  const ended = once(child, 'close');
  let lines = 0;
  for await (const chunk of child.stdout) {
    lines += String(chunk).split('\n').length - 1;
    if (lines >= SCREEN_LINES) break;
  }
  const took = performance.now() - started;
  await ended;
  if (lines < SCREEN_LINES) throw new Error(`view showed ${lines} lines`);
  return took;
}

/** Bytes. The process tells it of itself when it ends, on its stderr. */
function peakOf(bench: Bench): number {
  const tell = 'process.on("exit",()=>process.stderr.write("\\nmaxrss "+process.resourceUsage().maxRSS))';
  const [node, main] = bench.tac8;
  const script = `"$1" --import "data:text/javascript,$3" "$2" view 7 --tools 2>&1 >/dev/null`;
  const said = execFileSync('/bin/sh', ['-c', script, 'sh', node, main, encodeURIComponent(tell)], {
    cwd: bench.dir,
    env: bench.env,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  const found = /maxrss (\d+)/.exec(said);
  if (!found) throw new Error(`the memory was not told: ${said}`);
  return Number(found[1]) * 1024;
}
