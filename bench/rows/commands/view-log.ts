import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inMs, inTurns, runTimed, type Spent, sampleOf } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { parseLines, writeLog } from '../../yardsticks.ts';

const LOG_BYTES = 1e9;
const MEMORY_MIB = 100;
const SCREEN_LINES = 50;
/** What people type, as the README shows it. */
export const BY_HAND = `cat "$1" | jq 'select(.type=="assistant") | .message.content[] | select(.type=="tool_use") | .name' | sort | uniq -c`;
/** jq needs half a minute for it on a slow machine. */
const LIMIT_MS = 600_000;
const LOOKS = { tools: ['--tools'], errors: ['--errors'], whole: [] } as const;

/** `view` on a log of 1 GB that nobody has looked at before: against jq, and against parsing each of its lines. */
export async function viewLog(bench: Bench): Promise<readonly Figure[]> {
  mkdirSync(join(bench.dir, 'logs'));
  const log = join(bench.shared, 'log.jsonl');
  if (!existsSync(log)) writeLog(log, LOG_BYTES);
  linkSync(log, join(bench.dir, 'logs/gh-7.w-aaaaaa.jsonl'));
  const options = { cwd: bench.dir, env: bench.env, limitMs: LIMIT_MS };
  const view = (args: readonly string[], output = '/dev/null'): Promise<Spent> =>
    runTimed([bench.tac8, 'view', '7', ...args], { ...options, output });
  const [ours, theirs] = [join(bench.dir, 'ours'), join(bench.dir, 'theirs')];
  const rounds = Math.min(2, bench.rounds);
  const { tools, jq } = await inTurns(rounds, {
    tools: async () => (await view(['--tools'], ours)).wall,
    jq: async () => (await runTimed(['/bin/sh', '-c', BY_HAND, 'sh', log], { ...options, output: theirs })).wall,
  });
  const said = readFileSync(ours, 'utf8');
  const same = said !== '' && said === readFileSync(theirs, 'utf8');
  const [errors, whole, parse] = [[], [], []] as number[][];
  for (let round = 0; round < rounds; round += 1) {
    parse?.push(await parseLines(bench, log));
    errors?.push((await view(LOOKS.errors)).cpu);
    whole?.push((await view(LOOKS.whole)).cpu);
  }
  const parsed = { what: '`JSON.parse` of every line', value: sampleOf(parse ?? []).median };
  const how = 'a log of 1 GB made of recorded Claude Code streams, in the page cache, nothing kept from earlier looks';
  const against = (name: string, values: readonly number[], most: number): Figure => ({
    name,
    value: sampleOf(values).median,
    unit: 'ms',
    yardstick: parsed,
    bound: { kind: 'ratio', most },
    how: `${how}; CPU, ${rounds} in turns`,
  });
  return [
    {
      name: '`view N --tools`, 1 GB',
      value: tools.median,
      unit: 'ms',
      shown: `${inMs(tools)}${same ? '' : ', another output'}`,
      yardstick: { what: 'cat, jq, sort, uniq -c', value: jq.median },
      bound: same ? { kind: 'faster', least: 10 } : { kind: 'met', text: 'the same output', holds: false },
      how: `${how}; process start to exit, ${rounds} in turns; the outputs are compared byte for byte`,
    },
    against('`view N --errors`, 1 GB', errors ?? [], 0.6),
    against('`view N`, 1 GB', whole ?? [], 2),
    ...(await memories(bench)),
    await firstScreen(bench, how),
  ];
}

/** The most that each held at any time. The process says it of itself when it ends. */
async function memories(bench: Bench): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const probe = join(import.meta.dirname, '../../probe.cjs');
  for (const [name, args] of Object.entries(LOOKS)) {
    const file = join(bench.dir, `peak-${name}`);
    const env = { ...bench.env, NODE_OPTIONS: `--require ${probe}`, TAC8_BENCH_PEAK: file };
    await runTimed([bench.tac8, 'view', '7', ...args], { cwd: bench.dir, env, limitMs: LIMIT_MS });
    figures.push({
      name: `\`${['view N', ...args].join(' ')}\`, 1 GB, memory`,
      value: Number(readFileSync(file, 'utf8')) / 1024,
      unit: 'MiB',
      bound: { kind: 'value', most: MEMORY_MIB },
      how: 'the most that it held at any time (ru_maxrss)',
    });
  }
  return figures;
}

/** Milliseconds until that many lines are there; then the reader leaves, as a pager that is quit. Against a start of Node that does nothing. */
async function firstScreen(bench: Bench, how: string): Promise<Figure> {
  const look = async (): Promise<number> => {
    const started = performance.now();
    const child = spawn(bench.tac8, ['view', '7'], {
      cwd: bench.dir,
      env: bench.env,
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: LIMIT_MS,
    });
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
  };
  const { node, screen } = await inTurns(bench.rounds, {
    node: async () => (await runTimed([bench.node, '-e', '0'], { cwd: bench.dir, env: bench.env })).wall,
    screen: look,
  });
  return {
    name: '`view N`, 1 GB, first screen',
    value: screen.median,
    unit: 'ms',
    shown: inMs(screen),
    yardstick: { what: '`node -e 0`', value: node.median },
    bound: { kind: 'ratio', most: 6 },
    how: `${how}; process start until ${SCREEN_LINES} lines are there, ${bench.rounds} in turns`,
  };
}
