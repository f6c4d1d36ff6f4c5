import { execFileSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { cpuOf, inMs, quantile, runTimed, sampleOf, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { openBrowser } from '../../world/browser.ts';
import { createWorld, type World } from '../../world/world.ts';
import { parseLines, writeLog } from '../../yardsticks.ts';

const LOG_BYTES = 1e9;
const JUMPS = 30;
const SCROLL_MS = 10_000;
const TASK = 'gh-7';
/** The same log under a name that no page has asked for. */
const UNREAD = 'gh-8';

/** A run whose log has 1 GB, in the page: opened at its end, looked through, jumped about in, scrolled. */
export async function pageLog(bench: Bench): Promise<readonly Figure[]> {
  const log = join(bench.shared, 'log.jsonl');
  if (!existsSync(log)) writeLog(log, LOG_BYTES);
  const world = await createWorld(bench, {
    name: 'page-log',
    settings: 'max_concurrent_workers: 1\nagent: { kind: command, command: ["true"] }\n',
  });
  mkdirSync(join(world.root, 'logs'), { recursive: true });
  for (const task of [TASK, UNREAD]) linkSync(log, join(world.root, `logs/${task}.w-aaaaaa.jsonl`));
  const browser = await openBrowser(bench);
  try {
    const daemon = await world.start();
    const parse = await parseLines(bench, log);
    const page = await browser.newPage();
    const link = await linkTo(bench, world);
    await page.goto(link);
    await page.getByText('Nothing is queued').waitFor({ timeout: 60_000 });
    const opened: number[] = [];
    const last = Math.min(5, bench.rounds) - 1;
    for (let round = 0; round <= last; round += 1) {
      forget(log);
      opened.push(Number(await page.evaluate(OPEN)));
      if (round === 0) bench.say(`opened in ${opened[0]?.toFixed(0)} ms`);
      if (round < last) await page.evaluate('location.hash = "#/"; undefined');
      await page.getByText('Nothing is queued').waitFor({ timeout: 60_000, state: round < last ? 'visible' : 'detached' });
    }
    await until(
      'the whole run at a glance',
      async () => (await page.locator('.glance-legend').textContent())?.includes('looked through') === false,
    );
    // Alone: the page has all of its own by now.
    const before = cpuOf(daemon.pid);
    const indexed = await looked(world);
    const lookedCpu = cpuOf(daemon.pid) - before;
    const lines = indexed.lines;
    const jumps: number[] = [];
    for (let n = 0; n < JUMPS; n += 1) jumps.push(Number(await page.evaluate(jumpTo(((n * 0.618) % 1) * 0.98))));
    const long = await scroll(page);
    await daemon.kill();
    await world.start();
    const again = await looked(world);
    const [open, jump] = [sampleOf(opened), sampleOf(jumps)];
    const how = `a log of 1 GB and ${lines.toLocaleString('en')} lines made of recorded Claude Code streams`;
    return [
      {
        name: 'page: a run of 1 GB opens at its end',
        value: open.median,
        unit: 'ms',
        shown: inMs(open),
        bound: { kind: 'value', most: 500 },
        how: `${how}, none of it in the page cache; from the click until its last steps are drawn, ${opened.length} times`,
      },
      {
        name: 'page: a run of 1 GB is looked through',
        value: lookedCpu,
        unit: 'ms',
        shown: `${lookedCpu.toFixed(0)} ms of the daemon’s CPU, ${indexed.ms.toFixed(0)} ms by the clock`,
        yardstick: { what: '`JSON.parse` of every line, CPU', value: parse },
        bound: { kind: 'ratio', most: 2 },
        how: `${how}; until the daemon has all of it at a glance, its pages asked for one after the other`,
      },
      {
        name: 'page: a run of 1 GB is at a glance again after a restart',
        value: again.ms,
        unit: 'ms',
        yardstick: { what: 'the first time', value: indexed.ms },
        bound: { kind: 'value', most: 500 },
        how: 'the same, right after the first tick of a daemon that was started anew after a kill -9',
      },
      {
        name: 'page: jumps in a run of 1 GB, p95',
        value: quantile(jump, 0.95),
        unit: 'ms',
        shown: `${quantile(jump, 0.95).toFixed(0)} ms (median ${jump.median.toFixed(0)}, worst ${jump.max.toFixed(0)})`,
        bound: { kind: 'value', most: 300 },
        how: `${JUMPS} clicks all over the run at a glance, each until the step is drawn`,
      },
      {
        name: 'page: long tasks while scrolling',
        value: long.filter((ms) => ms > 100).length,
        unit: 'calls',
        shown: `${long.filter((ms) => ms > 100).length} over 100 ms, ${long.length} over 50 ms (worst ${Math.max(0, ...long).toFixed(0)})`,
        bound: { kind: 'value', most: 0 },
        how: `the browser’s own count while the wheel turns for ${SCROLL_MS / 1000} s`,
      },
    ];
  } finally {
    await browser.close();
    await world.close();
  }
}

async function linkTo(bench: Bench, { root }: World): Promise<string> {
  const output = join(bench.dir, 'link.json');
  await runTimed([bench.tac8, 'page', '--json'], { cwd: root, env: bench.env, output });
  return (JSON.parse(readFileSync(output, 'utf8')) as { url: string }).url;
}

/** Takes the file out of the page cache. */
function forget(path: string): void {
  execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
}

const OPEN = `new Promise((resolve) => {
  const began = performance.now();
  const look = () => {
    const steps = document.querySelectorAll('.scroller .step');
    const box = document.querySelector('.scroller')?.getBoundingClientRect();
    const last = [...steps].at(-1)?.getBoundingClientRect();
    if (box === undefined || last === undefined || last.top >= box.bottom || steps.length < 5) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began), 0));
  };
  location.hash = '#/task/${TASK}';
  requestAnimationFrame(look);
})`;

const jumpTo = (share: number): string => `new Promise((resolve) => {
  const map = document.querySelector('.glance-map');
  const { left, width, bottom } = map.getBoundingClientRect();
  const before = document.querySelector('.step [data-picked="true"]')?.closest('.step')?.dataset.key;
  const began = performance.now();
  map.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: left + width * ${share}, clientY: bottom - 1 }));
  const look = () => {
    const step = document.querySelector('.step [data-picked="true"]')?.closest('.step');
    const box = document.querySelector('.scroller').getBoundingClientRect();
    const at = step?.getBoundingClientRect();
    if (step === undefined || step === null || step.dataset.key === before || at.bottom < box.top || at.top > box.bottom) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began), 0));
  };
  requestAnimationFrame(look);
})`;

/** Asks for all of the run at a glance, as the page does; a daemon that has it already answers at once. */
async function looked({ root }: World): Promise<{ readonly ms: number; readonly lines: number }> {
  const { url } = JSON.parse(readFileSync(join(root, '.tac8/http.json'), 'utf8')) as { url: string };
  const token = readFileSync(join(root, '.tac8/page-token'), 'utf8').trim();
  const began = performance.now();
  for (let from = 0; ; ) {
    const answer = await fetch(`${url}/api/v1/tasks/${UNREAD}/transcript/outline?from=${from}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { after, size, next, lines } = (await answer.json()) as { after: number; size: number; next: number; lines: number };
    from = next;
    if (after >= size) return { ms: performance.now() - began, lines };
  }
}

/** Tasks of the page's main thread that took longer than 50 ms while somebody scrolls, as the browser tells them. */
async function scroll(page: Page): Promise<readonly number[]> {
  await page.evaluate(`window.__long = [];
    new PerformanceObserver((list) => window.__long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });`);
  const box = await page.locator('.scroller').boundingBox();
  await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 200);
  for (const [began, at] = [performance.now(), { n: 0 }]; performance.now() - began < SCROLL_MS; at.n += 1)
    await page.mouse.wheel(0, at.n % 60 < 40 ? -700 : 900);
  return (await page.evaluate('window.__long')) as number[];
}
