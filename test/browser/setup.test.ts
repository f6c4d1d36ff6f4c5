import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectQuiet, pictured, violations } from '../support/browser/look.ts';
import { openScene } from '../support/browser/scene.ts';

/* What the page can do beside the loop: setup, plan, saved work, an approval. */

const LIMIT = { timeout: 240_000 };
const PATIENCE = 60_000;

test('setup shows findings and settings, the plan is asked for, saved work is put back', LIMIT, async (context) => {
  const scene = await openScene(context, ['One'], { theme: 'dark' });
  const { page, place } = scene;
  await page.getByRole('link', { name: 'Setup' }).click();
  const settings = page.getByRole('list', { name: 'Settings' });
  await settings.getByText('max_concurrent_workers').waitFor({ timeout: PATIENCE });
  await settings
    .getByText(/^tac8\.yaml, line \d+/)
    .first()
    .waitFor();
  await page.getByRole('list', { name: 'Findings' }).getByText(/^git /).first().waitFor();
  expect(await page.locator('main').textContent()).not.toContain(place.env.GITHUB_TOKEN);
  expect(await settings.getByText('limits.silence').count()).toBe(0);
  await page.getByRole('button', { name: /^With \d+ defaults/ }).click();
  await settings.getByText('limits.silence').waitFor();
  await pictured(page, 'setup with defaults');
  expect(await violations(page)).toEqual([]);

  await page.getByRole('link', { name: 'Board' }).click();
  await page.getByRole('button', { name: 'What would tac8 do next?' }).click();
  await page
    .getByRole('region', { name: 'The next look' })
    .getByText(/Nothing to do|gh-1/)
    .first()
    .waitFor({ timeout: PATIENCE });

  await pictured(page, 'the next look');
  // Killed, so that its work is saved; then put back.
  await page.goto(`${scene.url}/#/task/gh-1`);
  await page.getByRole('button', { name: /^Kill/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Kill' }).click();
  await place.until('the kill', async () => (await place.status()).tasks.some(({ state }) => state === 'failed'));
  await page.keyboard.press('5');
  await page.getByRole('button', { name: 'Put back' }).first().click({ timeout: PATIENCE });
  expect(await violations(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click();
  await page.getByText(/is put back into .*gh-1/).waitFor({ timeout: PATIENCE });
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
  expectQuiet(scene);
});

const WORKER = `touch "$1/$TAC8_TASK"; echo '{"type":"text"}'
mkdir -p .github/workflows; echo 'on: push' >.github/workflows/ci.yml; git add -A; git commit -qm workflow
"$NODE" -e '
const { readFileSync } = require("node:fs");
const root = process.env.ROOT + "/.tac8/";
const { url } = JSON.parse(readFileSync(root + "http.json", "utf8"));
const authorization = "Bearer " + readFileSync(root + "page-token", "utf8").trim();
const ask = (path, body) => fetch(url + "/api/v1" + path, { method: "POST", headers: { authorization, "content-type": "application/json" }, body })
  .then(async (answer) => console.error(answer.status, await answer.text()));
ask("/tasks/gh-1/approve", "{}").then(() => ask("/board/accept", JSON.stringify({ token: "x" })));
' 2>"$1/approve"`;

test('a held push is let go from the page, by a person; a worker that has read the token is refused', LIMIT, async (context) => {
  const scene = await openScene(context, ['One'], { agent: WORKER });
  const { page, place } = scene;
  await place.until('a blocked task', async () => (await place.status()).tasks.some(({ state }) => state === 'blocked'));
  const refusals = readFileSync(join(place.notes, 'approve'), 'utf8').trim().split('\n');
  expect(refusals).toEqual(
    Array.from({ length: 2 }, () => expect.stringMatching(/^403 .*only a person may ask for this.*belongs to the worker/)),
  );
  // Whoever has the page among many tabs sees in its title how many wait for a person.
  await place.until('the title', async () => /^\(1\) /.test(await page.title()));
  await page.goto(`${scene.url}/#/task/gh-1`);
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await pictured(page, 'a held push');
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await page.getByText(/gh-1: commit [0-9a-f]{7}, by the page, user \d+/).waitFor({ timeout: PATIENCE });
  await place.until('a completed task', async () => (await place.status()).counts.completed === 1);
  await place.until('the title', async () => /^gh-1 /.test(await page.title()));
  expectQuiet(scene);
});
