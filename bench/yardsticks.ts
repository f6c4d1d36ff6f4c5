import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { inTurns, runTimed, type Sample } from './measure.ts';
import type { Bench } from './row.ts';

/** CPU and wall of a Node that does nothing. */
export async function bareNode(bench: Bench): Promise<number> {
  return (await runTimed([bench.node, '-e', '0'], { cwd: bench.dir, env: bench.env })).cpu;
}

const PARSE = `const{createReadStream}=require('fs');let rest=Buffer.alloc(0);
createReadStream(process.argv[1],{highWaterMark:1<<20}).on('data',(chunk)=>{const data=rest.length?Buffer.concat([rest,chunk]):chunk;let from=0;
for(let at=data.indexOf(10);at!==-1;at=data.indexOf(10,from)){JSON.parse(data.toString('utf8',from,at));from=at+1}rest=data.subarray(from)})`;

/** CPU ms of reading a log in Node and parsing every line of it, doing nothing with them. */
export async function parseLines(bench: Bench, log: string): Promise<number> {
  return (await runTimed([bench.node, '-e', PARSE, log], { cwd: bench.dir, env: bench.env, limitMs: 300_000 })).cpu;
}

/** Milliseconds of writing these bytes so that they outlast a power cut: another file, fsync, rename. */
export async function durableWrite(dir: string, bytes: Uint8Array): Promise<number> {
  const path = join(dir, 'durable');
  const started = performance.now();
  const file = openSync(`${path}.new`, 'w');
  writeSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
  return performance.now() - started;
}

/** CPU ms of `git status` in a worktree; as people type it, so that it may freshen the index. */
export async function gitStatus(bench: Bench, tree: string): Promise<number> {
  return (await runTimed(['git', 'status'], { cwd: tree, env: bench.env })).cpu;
}

/** What this machine takes for things that have nothing to do with tac8. */
export interface Yardsticks {
  readonly node: Sample;
  readonly durable: Sample;
  readonly parse: Sample;
  readonly status: Sample;
}

export async function measureYardsticks(bench: Bench, repository: string): Promise<Yardsticks> {
  const bytes = Buffer.alloc(460_000, 'a line of tasks.md\n');
  const log = join(bench.dir, 'sample.jsonl');
  writeLog(log, 50e6);
  return inTurns(Math.min(5, bench.rounds), {
    node: () => bareNode(bench),
    durable: () => durableWrite(bench.dir, bytes),
    parse: () => parseLines(bench, log),
    status: () => gitStatus(bench, repository),
  });
}

const SAMPLES = join(import.meta.dirname, '../test/fixtures/agents');

/** A log of recorded Claude Code streams, again and again; whole lines alone, as jq ends at the first torn one. */
export function writeLog(path: string, size: number): void {
  const names = readdirSync(SAMPLES).filter((name) => name.startsWith('claude') && name.endsWith('.jsonl'));
  const lines = names.flatMap((name) => readFileSync(join(SAMPLES, name), 'utf8').split('\n').filter(isWhole));
  const unit = Buffer.from(`${lines.join('\n')}\n`);
  const file = openSync(path, 'w');
  try {
    for (let written = 0; written < size; written += unit.length) writeSync(file, unit);
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
