import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pictured, violations } from '../support/browser/look.ts';
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
