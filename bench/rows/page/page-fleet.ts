import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { cpuOf, inMs, quantile, residentBytes, runTimed, type Sample, sampleOf, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { openBrowser, ownBytes, renderersBelow } from '../../world/browser.ts';
import { type Crowd, gather } from '../../world/crowd.ts';
import { watchDaemon } from '../../world/watched.ts';
import type { Daemon } from '../../world/world.ts';

const WORKERS = 100;
const SECONDS = 20;
const STREAMS = 200;
const ATTEMPTS = 10_000;
const MIB = 1024 * 1024;

/** The page beside a hundred agents that say one thing a second each; then more pages, and more connections, than anybody has. */
export async function pageFleet(bench: Bench): Promise<readonly Figure[]> {
  const crowd = await gather(bench, { name: 'page', ownEnd: 1 });
  let browser: BrowserContext | null = null;
  try {
    const daemon = await crowd.world.start();
    crowd.setRate(1);
    await crowd.add(daemon, WORKERS);
    await sleep(4_000);
    const alone = await watchDaemon(daemon, SECONDS);
    browser = await openBrowser(bench);
    const pid = Number(/Pid:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    const emptyBytes = Math.max(...renderersBelow(pid).map(ownBytes));
    const { origin, paints, yard } = await firstPaints(bench, crowd, browser);
    // Anew: that one holds, for its way back, the pages that it has shown. Its first tab is the page's.
    await browser.close();
    browser = await openBrowser(bench);
    const page = browser.pages()[0] ?? (await browser.newPage());
    await page.goto(`${origin}/`);
    const last = page.locator('.row').nth(WORKERS - 1);
    await last.waitFor({ timeout: 60_000 });
    const [tab = 0] = renderersBelow(pid).toSorted((a, b) => ownBytes(b) - ownBytes(a));
    const watched = await watchPage(page, daemon, tab);
    const tabBytes = tab === 0 ? Number.NaN : ownBytes(tab);
    await browser.close();
    browser = null;
    const streams = await manyStreams(crowd, daemon);
    const attempts = await manyAttempts(bench, crowd, daemon);
    return [
      {
        name: `page with ${WORKERS} workers: first meaningful paint`,
        value: paints.median,
        unit: 'ms',
        shown: inMs(paints),
        yardstick: { what: 'a page of one line from the same daemon, in the same browser', value: yard.median },
        bound: { kind: 'value', most: 1_000 },
        how: `from the beginning of the navigation until all ${WORKERS} rows are drawn; ${paints.values.length} loads`,
      },
      ...watched.figures,
      {
        name: `page with ${WORKERS} workers: memory of the tab`,
        value: tabBytes / MIB,
        unit: 'MiB',
        yardstick: { what: 'an empty tab', value: emptyBytes / MIB },
        bound: { kind: 'value', most: 150 },
        how: `PSS of its process after ${SECONDS} s`,
      },
      {
        name: `page with ${WORKERS} workers: the daemon’s CPU`,
        value: (watched.daemon.cpu / watched.daemon.seconds / 1000) * 100,
        unit: '% of a core',
        yardstick: { what: 'without a page', value: (alone.cpu / alone.seconds / 1000) * 100 },
        bound: { kind: 'met', text: 'as many ticks', holds: watched.daemon.ticks >= alone.ticks * 0.9 },
        how: `${SECONDS} s each; ${watched.daemon.ticks} ticks with it, ${alone.ticks} without`,
      },
      ...streams,
      ...attempts,
    ];
  } finally {
    await browser?.close();
    await crowd.world.close();
  }
}

async function linkTo(bench: Bench, { world }: Crowd): Promise<string> {
  const output = join(bench.dir, 'link.json');
  await runTimed([bench.tac8, 'page', '--json'], { cwd: world.root, env: bench.env, output });
  return (JSON.parse(readFileSync(output, 'utf8')) as { url: string }).url;
}

const SEEN = `
  new MutationObserver((_, own) => {
    if (document.querySelectorAll('.row').length < ${WORKERS}) return;
    own.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.__drawn = performance.now(); }, 0));
  }).observe(document, { childList: true, subtree: true });
`;

/** Loads it again and again; answers the last page. */
async function firstPaints(
  bench: Bench,
  crowd: Crowd,
  browser: BrowserContext,
): Promise<{ readonly origin: string; readonly paints: Sample; readonly yard: Sample }> {
  const page = await browser.newPage();
  const link = await linkTo(bench, crowd);
  await page.goto(link);
  await page
    .locator('.row')
    .nth(WORKERS - 1)
    .waitFor({ timeout: 60_000 });
  await page.addInitScript(SEEN);
  const [paints, yard]: [number[], number[]] = [[], []];
  const { origin } = new URL(link);
  for (let round = 0; round < Math.min(7, bench.rounds); round += 1) {
    await page.goto(`${origin}/healthz`);
    yard.push(Number(await page.evaluate('performance.getEntriesByType("navigation")[0].domComplete')));
    await page.goto(`${origin}/`);
    paints.push(await until('all rows', async () => Number(await page.evaluate('window.__drawn ?? 0'))));
  }
  return { origin, paints: sampleOf(paints), yard: sampleOf(yard) };
}

const LATE = `
  window.__late = [];
  new MutationObserver((changes) => {
    const at = Date.now();
    const said = changes.map(({ target }) => /at (\\d+\\.\\d+)/.exec(target.textContent ?? '')?.[1]).filter((one) => one !== undefined);
    if (said.length > 0) requestAnimationFrame(() => setTimeout(() => {
      const shown = Date.now();
      for (const one of new Set(said)) window.__late.push(shown - Number(one) * 1000);
    }, 0));
  }).observe(document.querySelector('main'), { characterData: true, childList: true, subtree: true });
`;

/** How late a word of an agent is seen, and what that costs the tab and the daemon. */
async function watchPage(page: Page, daemon: Daemon, tab: number) {
  await page.evaluate(LATE);
  const cpu = cpuOf(tab);
  const watched = await watchDaemon(daemon, SECONDS);
  const used = cpuOf(tab) - cpu;
  const late = sampleOf((await page.evaluate('window.__late')) as number[]);
  const figures: readonly Figure[] = [
    {
      name: `page with ${WORKERS} workers: an event is seen, p95`,
      value: quantile(late, 0.95),
      unit: 'ms',
      shown: `${quantile(late, 0.95).toFixed(0)} ms (median ${late.median.toFixed(0)}, worst ${late.max.toFixed(0)})`,
      bound: { kind: 'value', most: 300 },
      how: `from the agent’s own clock until the frame with its words is drawn; ${late.values.length} events in ${SECONDS} s, 1 a second of each agent`,
    },
    {
      name: `page with ${WORKERS} workers: the tab’s processor`,
      value: (used / watched.seconds / 1000) * 100,
      unit: '% of a core',
      bound: { kind: 'value', most: 10 },
      how: `all threads of its process over ${SECONDS} s`,
    },
  ];
  return { daemon: watched, figures };
}

/** Where the daemon listens, and what lets a program in. */
function door({ world }: Crowd): { readonly port: number; readonly headers: Readonly<Record<string, string>> } {
  const { url } = JSON.parse(readFileSync(join(world.root, '.tac8/http.json'), 'utf8')) as { url: string };
  const token = readFileSync(join(world.root, '.tac8/page-token'), 'utf8').trim();
  return { port: Number(new URL(url).port), headers: { authorization: `Bearer ${token}` } };
}

async function manyStreams(crowd: Crowd, daemon: Daemon): Promise<readonly Figure[]> {
  const { port, headers } = door(crowd);
  const before = residentBytes(daemon.pid);
  const ids: string[][] = [];
  const open = await Promise.all(
    Array.from({ length: STREAMS }, async (_, n) => {
      const own: string[] = [];
      ids[n] = own;
      const asked = request({ host: '127.0.0.1', port, path: '/api/v1/events', headers, agent: false });
      asked.on('error', () => undefined);
      asked.on('response', (response) => {
        let rest = '';
        response.on('data', (chunk: Buffer) => {
          const parts = (rest + chunk.toString('latin1')).split('\n');
          rest = parts.pop() ?? '';
          for (const line of parts) if (line.startsWith('id: ')) own.push(line);
        });
        response.on('error', () => undefined);
      });
      asked.end();
      return asked;
    }),
  );
  await until('a word on each', () => ids.every((own) => own.length > 1));
  const from = ids.map((own) => own.length - 1);
  let most = residentBytes(daemon.pid);
  for (const end = performance.now() + SECONDS * 1000; performance.now() < end; await sleep(250))
    most = Math.max(most, residentBytes(daemon.pid));
  // What one has been told by now, all are told in a moment.
  const first = ids[0]?.slice(from[0]) ?? [];
  await sleep(2_000);
  const isWhole = ids.every((own) => {
    const begin = first.findIndex((id) => own.includes(id));
    const wanted = first.slice(begin);
    const at = own.indexOf(wanted[0] ?? '');
    return begin >= 0 && wanted.every((id, n) => own[at + n] === id);
  });
  for (const one of open) one.destroy();
  return [
    {
      name: `${STREAMS} open pages: each is told each event`,
      value: first.length,
      unit: 'events',
      bound: { kind: 'met', text: 'none lost', holds: isWhole && first.length > 10 },
      how: `the ids that one stream is told in ${SECONDS} s, looked for in each other one, in their order`,
    },
    {
      name: `${STREAMS} open pages: the daemon’s memory`,
      value: (most - before) / MIB,
      unit: 'MiB',
      bound: { kind: 'value', most: 60 },
      how: `the most VmRSS in ${SECONDS} s, less that before them (${(before / MIB).toFixed(0)} MiB)`,
    },
  ];
}

/** Many who open a connection and say nothing, while the command line, the metrics and the workers go on. */
async function manyAttempts(bench: Bench, crowd: Crowd, daemon: Daemon): Promise<readonly Figure[]> {
  const { port } = door(crowd);
  const open = new Set<Socket>();
  const idle = await runTimed([bench.tac8, 'status', '--json'], { cwd: crowd.world.root, env: bench.env });
  let [most, answered, slowest] = [0, 0, 0];
  const before = socketsOf(daemon.pid);
  for (let n = 0; n < ATTEMPTS; n += 500) {
    await Promise.all(
      Array.from({ length: 500 }, async () => {
        const socket = connect({ host: '127.0.0.1', port });
        socket.on('error', () => undefined);
        socket.on('close', () => open.delete(socket));
        open.add(socket);
        await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
      }),
    );
    const began = performance.now();
    if ((await daemon.metrics().catch(() => null)) !== null) answered += 1;
    slowest = Math.max(slowest, performance.now() - began);
    most = Math.max(most, socketsOf(daemon.pid) - before);
  }
  const meanwhile = await runTimed([bench.tac8, 'status', '--json'], { cwd: crowd.world.root, env: bench.env });
  await crowd.allHeard();
  for (const socket of open) socket.destroy();
  const rounds = ATTEMPTS / 500;
  return [
    {
      name: `${ATTEMPTS.toLocaleString('en')} connection attempts: open at once`,
      value: most,
      unit: 'calls',
      shown: `${most} connections; /metrics answered ${answered} of ${rounds} times, the slowest ${slowest.toFixed(0)} ms`,
      bound: {
        kind: 'met',
        text: '768, and those that are just being closed; /metrics answers, every worker is heard',
        holds: most <= 788 && answered === rounds,
      },
      how: 'silent connections, 500 at a time, none closed by us; sockets of the daemon as /proc has them',
    },
    {
      name: `${ATTEMPTS.toLocaleString('en')} connection attempts: \`tac8 status --json\` meanwhile`,
      value: meanwhile.cpu,
      unit: 'ms',
      yardstick: { what: 'before them', value: idle.cpu },
      bound: { kind: 'ratio', most: 1.5 },
      how: 'CPU of the command, once each',
    },
  ];
}

function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
