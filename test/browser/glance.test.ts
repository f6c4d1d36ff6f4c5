import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectFine, expectQuiet, pictured, violations } from '../support/browser/look.ts';
import { call, openScene, result, text } from '../support/browser/scene.ts';

/* A run at a glance: where it went wrong, was edited, was tested; pictures in results; who wrote a line of the branch. */

const LIMIT = { timeout: 240_000 };
const AGENT = `cat >/dev/null; printf 'first\\n  wanted();\\nlast\\n' >made.ts; touch "$1/$TAC8_TASK"; exec tail -n +1 -f "$1/$TAC8_TASK"`;
const PNG = readFileSync(join(import.meta.dirname, '../../docs/pictures/page-fleet-phone-light.png'));

const withPicture = (id: string, data: string): unknown => ({
  type: 'user',
  message: {
    role: 'user',
    content: [
      {
        ...{ type: 'tool_result', tool_use_id: id, is_error: false },
        content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data } }],
      },
    ],
  },
});

test('a run at a glance leads to its steps; pictures show, hostile ones do not; a line leads to who wrote it', LIMIT, async (context) => {
  const scene = await openScene(context, ['Make the thing'], { agent: AGENT });
  const { page, say, place } = scene;
  const log = page.locator('.scroller');
  const picked = log.locator('[data-picked="true"]');
  const write = { file_path: '/repo/made.ts', content: 'first\n  wanted();\nlast\n' };
  say('gh-1', [call('w', 'Write', write), result('w', 'written'), call('t', 'Bash', { command: 'npm test' }), result('t', 'red', true)]);
  say('gh-1', [...Array.from({ length: 900 }, (_, n) => `hay ${n}`), call('x', 'Bash', { command: 'ls /nothing' })]);
  say('gh-1', [result('x', 'no such file', true), call('p1', 'Read', { file_path: 'a.png' }), withPicture('p1', PNG.toString('base64'))]);
  const bad = '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=\'owned\'"/>';
  say('gh-1', [call('p2', 'Read', { file_path: 'b.png' }), withPicture('p2', Buffer.from(bad).toString('base64'))]);
  say('gh-1', [call('p3', 'Read', { file_path: 'c.png' }), withPicture('p3', `${PNG.toString('base64')}${'A'.repeat(14_000_000)}`)]);
  say('gh-1', [text('the end')]);

  await page.locator('[data-task="gh-1"]').getByRole('link').click();
  await log.getByText('the end', { exact: true }).waitFor();
  const glance = page.getByRole('region', { name: 'The run at a glance' });
  await glance.getByRole('button', { name: '1 edit' }).waitFor();
  await glance.getByRole('button', { name: '1 test run' }).getByText('all red').waitFor();
  expect(await violations(page)).toEqual([]);

  // Its buttons lead to steps that are not in the browser yet, and go round.
  await glance.getByRole('button', { name: '2 errors' }).click();
  await picked.locator('.brief', { hasText: 'npm test' }).waitFor();
  await glance.getByRole('button', { name: '2 errors' }).click();
  await picked.locator('.brief', { hasText: 'ls /nothing' }).waitFor();
  // Errors alone, as a list, by its key; each leads to its step.
  await page.keyboard.press('E');
  const list = page.getByRole('dialog', { name: '2 errors' });
  await list.getByRole('button', { name: /no such file/ }).waitFor();
  expect(await list.getByRole('listitem').count()).toBe(2);
  await pictured(page, 'errors only');
  expect(await violations(page)).toEqual([]);
  await list.getByRole('button', { name: /red/ }).click();
  await list.waitFor({ state: 'detached' });
  await picked.locator('.brief', { hasText: 'npm test' }).waitFor();
  // A click into it leads to what stands there: at its left end the edit.
  await glance.locator('.glance-map').click({ position: { x: 3, y: 20 } });
  await picked.locator('.brief', { hasText: 'made.ts' }).waitFor();

  // Pictures: as large as they are told to be, and nothing that could run.
  await page.keyboard.press('G');
  await log.getByRole('button', { name: /Read a.png/ }).click();
  const picture = log.getByRole('img', { name: '1: 390 × 844 points' });
  await picture.waitFor();
  await place.until(
    'the picture to be drawn',
    () => page.evaluate('document.querySelector(".picture img")?.naturalWidth === 390') as Promise<boolean>,
  );
  await log.getByRole('button', { name: /Read b.png/ }).click();
  await log.getByText('A picture that is not shown').first().waitFor();
  await log.getByRole('button', { name: /Read a.png/ }).click();
  await log.getByRole('button', { name: /Read c.png/ }).click();
  await place.until('both to be refused', async () => (await log.getByText('A picture that is not shown').count()) === 2);
  expect(await page.title()).not.toContain('owned');
  expect(await violations(page)).toEqual([]);
  await pictured(page, 'pictures in results');

  // From a line of the branch to the step that wrote it; by keyboard the same.
  await page.keyboard.press('2');
  await page.locator('.changes .line', { hasText: 'wanted();' }).click();
  await picked.locator('mark', { hasText: 'wanted();' }).waitFor();
  await picked.getByText('Write', { exact: true }).waitFor();
  await page.goto(`${scene.url}/#/task/gh-1?tab=changes`);
  await page.locator('.changes .line', { hasText: 'wanted();' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.locator('.line[data-picked="true"]', { hasText: 'wanted();' }).waitFor();
  await pictured(page, 'a line is picked');
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await picked.locator('mark', { hasText: 'wanted();' }).waitFor();
  expect(scene.foreign).toEqual([]);
});

/** A message of Claude Code's with what it took; `within`: of a sub-agent, by the call that began it. */
const spending = (line: unknown, within: string | null = null): unknown => {
  const { message, ...rest } = line as { readonly message: object };
  const usage = { input_tokens: 20_000, output_tokens: 2_000 };
  return { ...rest, parent_tool_use_id: within, message: { ...message, model: 'claude-opus-4-1', usage } };
};

test('what the run has cost by then is drawn and told; what a sub-agent does stands under its call, a step in', LIMIT, async (context) => {
  const scene = await openScene(context, ['Ask another agent']);
  const { page, say } = scene;
  const log = page.locator('.scroller');
  say('gh-1', [
    spending(text('I ask another one.')),
    spending(call('s', 'Task', { description: 'Find the callers', prompt: 'Who calls it?' })),
    spending(call('s1', 'Read', { file_path: 'lib/a.ts' }), 's'),
    { ...(result('s1', 'export const a = 1;') as object), parent_tool_use_id: 's' },
    spending(call('s2', 'Task', { description: 'Count them', prompt: 'How many?' }), 's'),
    spending(text('There are three.'), 's2'),
    result('s2', 'three'),
    result('s', 'three callers'),
    spending(text('I have what I asked for.')),
  ]);
  await page.locator('[data-task="gh-1"]').getByRole('link').click();
  await log.getByText('I have what I asked for.').waitFor();

  const step = (words: string) => log.locator('.step-body', { hasText: words });
  const depths = {
    'I ask another one.': 0,
    'Find the callers': 0,
    'lib/a.ts': 1,
    'Count them': 1,
    'There are three.': 2,
    'I have what': 0,
  };
  for (const [words, depth] of Object.entries(depths))
    expect([words, await step(words).getAttribute('data-depth')]).toEqual([words, String(depth)]);
  const left = async (words: string): Promise<number> => (await step(words).locator('.when').boundingBox())?.x ?? Number.NaN;
  for (const width of [1440, 360]) {
    await page.setViewportSize({ width, height: 844 });
    expect(await left('Find the callers')).toBe(await left('I have what'));
    expect(await left('lib/a.ts')).toBeGreaterThan(await left('Find the callers'));
    expect(await left('There are three.')).toBeGreaterThan(await left('Count them'));
  }
  await page.setViewportSize({ width: 1440, height: 844 });

  // The curve goes up, to what the head of the task and the legend say.
  const glance = page.getByRole('region', { name: 'The run at a glance' });
  const heights = async (): Promise<readonly number[]> =>
    [...((await glance.locator('.glance-cost').getAttribute('d')) ?? '').matchAll(/V([\d.]+)/g)].map(([, y]) => Number(y)).slice(0, -1);
  await expect.poll(async () => (await heights()).length).toBe(6);
  expect(await heights()).toEqual((await heights()).toSorted((a, b) => b - a));
  expect(new Set(await heights()).size).toBe(6);
  const told = async (): Promise<number> =>
    Number(/\$([\d.]+)/.exec((await glance.locator('.glance-legend > :last-child').textContent()) ?? '')?.[1]);
  const all = await told();
  expect(all).toBeGreaterThan(0);
  await page
    .locator('.task-facts, .task-head')
    .getByText(new RegExp(`\\$${all}`))
    .first()
    .waitFor();
  // Where one points, what it was by then.
  const map = await glance.locator('.glance-map').boundingBox();
  const pointed = async (share: number): Promise<number> => {
    await glance.locator('.glance-map').hover({ position: { x: (map?.width ?? 0) * share, y: 5 } });
    return told();
  };
  const [early, late] = [await pointed(0.3), await pointed(0.99)];
  expect(early).toBeGreaterThan(0);
  expect(early).toBeLessThan(late);
  expect(late).toBe(all);
  await page.mouse.move(5, 5);
  await expectFine(page, 'a sub-agent, and what it cost');
  expectQuiet(scene);
});
