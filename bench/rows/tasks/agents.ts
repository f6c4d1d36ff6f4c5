import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { logLine } from '../../../src/agents/client/log-line.ts';
import { parseLine } from '../../../src/agents/line.ts';
import { inMs, inTurns, residentBytes, runTimed, sampleOf, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { addTasks, createWorld } from '../../world/world.ts';
import { BY_HAND } from '../commands/view-log.ts';

/** What each agent costs besides itself: its client, and a look at the tools in its log. */
export async function agents(bench: Bench): Promise<readonly Figure[]> {
  return [...(await clients(bench)), ...(await counting(bench))];
}

const RUNS = 5;

/** Runs of an agent that waits, each with its client between it and the log. */
async function clients(bench: Bench): Promise<readonly Figure[]> {
  const agent = [bench.node, join(import.meta.dirname, '../../world/acp-agent.cjs')];
  const settings = `max_concurrent_workers: ${RUNS}
limits: { start_gap: 2s, load_per_core: 1000 }
agent: { kind: acp, command: ${JSON.stringify(agent)} }
`;
  const world = await createWorld(bench, { name: 'clients', settings });
  const waiting = spawn(bench.node, ['-e', 'setInterval(() => undefined, 1e9)'], { env: bench.env, stdio: 'ignore' });
  try {
    await world.start();
    const board = join(world.root, 'tasks.md');
    const text = await until('a board', () => readFileSync(board, 'utf8'));
    writeFileSync(
      `${board}~`,
      addTasks(
        text,
        Array.from({ length: RUNS }, (_, n) => `Wait ${n + 1}`),
      ),
    );
    renameSync(`${board}~`, board);
    const found = await until('all agents at work', () => {
      const logs = readdirSync(join(world.root, 'logs')).filter((name) => /\.w-[0-9a-f]{6}\.jsonl$/.test(name));
      const said = logs.filter((name) => readFileSync(join(world.root, 'logs', name), 'utf8').includes('"tool_use"'));
      return said.length === RUNS ? clientsOf(world.root) : null;
    });
    const { node } = await inTurns(Math.min(5, bench.rounds), {
      node: async () => (await runTimed([bench.node, '-e', '0'], { cwd: bench.dir, env: bench.env })).wall,
    });
    const memory = sampleOf(found.map(({ pid }) => residentBytes(pid) / 1024 ** 2));
    const start = sampleOf(found.map(({ startMs }) => startMs));
    return [
      {
        name: 'the client of a run, memory',
        value: memory.median,
        unit: 'MiB',
        yardstick: { what: 'a Node that only waits', value: residentBytes(waiting.pid ?? 0) / 1024 ** 2 },
        bound: { kind: 'ratio', most: 1.6 },
        how: `VmRSS while its agent is in a tool, the median of ${RUNS} runs`,
      },
      {
        name: 'the client of a run, start',
        value: start.median,
        unit: 'ms',
        shown: inMs(start),
        yardstick: { what: '`node -e 0`, from start to end', value: node.median },
        how: `from the start of the client to that of its agent, by the kernel’s clock of 10 ms, ${RUNS} runs, 2 s apart`,
      },
    ];
  } finally {
    const ended = once(waiting, 'exit');
    waiting.kill('SIGKILL');
    await ended;
    await world.close();
  }
}

interface Client {
  readonly pid: number;
  readonly startMs: number;
}

/** The clients of this world, each with how long after itself it started its agent. */
function clientsOf(root: string): readonly Client[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (look(Number(name)) ?? []) : []));
  const ours = all.filter(({ words }) => words.some((word) => word.startsWith(root) && word.endsWith('client.json')));
  return ours.flatMap(({ pid, since }) => {
    const agent = all.find(({ parent, words }) => parent === pid && words.some((word) => word.endsWith('acp-agent.cjs')));
    return agent === undefined ? [] : [{ pid, startMs: (agent.since - since) * 10 }];
  });
}

function look(
  pid: number,
): { readonly pid: number; readonly parent: number; readonly since: number; readonly words: readonly string[] } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { pid, parent: fields[1] ?? 0, since: fields[19] ?? 0, words: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0') };
  } catch {
    return null; // ended meanwhile
  }
}

const SAMPLES = join(import.meta.dirname, '../../../test/fixtures/agents');
const LOG_BYTES = 1e9;

/** Counting tools in the log of each agent that is not Claude Code, as its client writes it; against jq on the same file. */
async function counting(bench: Bench): Promise<readonly Figure[]> {
  mkdirSync(join(bench.dir, 'logs'), { recursive: true });
  const figures: Figure[] = [];
  for (const [n, agent] of ['codex', 'opencode', 'gemini', 'acp'].entries()) {
    const log = join(bench.dir, `logs/gh-${n + 1}.w-aaaaaa.jsonl`);
    writeTranslated(log, agent);
    const [ours, theirs] = [join(bench.dir, `${agent}.ours`), join(bench.dir, `${agent}.theirs`)];
    const options = { cwd: bench.dir, env: bench.env, limitMs: 300_000 };
    const { tools, jq } = await inTurns(Math.min(2, bench.rounds), {
      tools: async () => (await runTimed([bench.tac8, 'view', String(n + 1), '--tools'], { ...options, output: ours })).wall,
      jq: async () => (await runTimed(['/bin/sh', '-c', BY_HAND, 'sh', log], { ...options, output: theirs })).wall,
    });
    rmSync(log);
    const said = readFileSync(ours, 'utf8');
    const same = said !== '' && said === readFileSync(theirs, 'utf8');
    figures.push({
      name: `\`view N --tools\`, ${agent}, 1 GB`,
      value: tools.median,
      unit: 'ms',
      shown: `${inMs(tools)}${same ? '' : ', another output'}`,
      yardstick: { what: 'cat, jq, sort, uniq -c', value: jq.median },
      bound: same ? { kind: 'faster', least: 10 } : { kind: 'met', text: 'the same output', holds: false },
      how: 'a log of 1 GB as the client writes it, out of recorded words of that agent; process start to exit; the outputs are compared byte for byte',
    });
  }
  return figures;
}

/** What was recorded of this agent, again and again, in the words of the run's log. */
function writeTranslated(path: string, agent: string): void {
  const names = readdirSync(SAMPLES).filter((name) => name.startsWith(`${agent}-`) && name.endsWith('.jsonl'));
  const lines = names.flatMap((name) =>
    readFileSync(join(SAMPLES, name), 'utf8')
      .split('\n')
      .flatMap((line) => parseLine(line)),
  );
  const unit = lines.flatMap((event) => logLine(event, { session: 's', model: 'm' }, '2026-11-29T12:00:00.000Z') ?? []).join('\n');
  const bytes = Buffer.from(`${unit}\n`);
  const file = openSync(path, 'w');
  try {
    for (let written = 0; written < LOG_BYTES; written += bytes.length) writeSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
