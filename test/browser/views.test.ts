import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectQuiet, pictured, violations } from '../support/browser/look.ts';
import { call, openScene, result, text } from '../support/browser/scene.ts';
import { workplace } from '../support/world/daemon.ts';

/* Every view, wide and narrow, light and dark: nothing that axe finds, nothing cut off; and all of it by keyboard alone. */

const LIMIT = { timeout: 300_000 };
const VIEWS = [
  ['', '.timeline a'],
  ['board', '.lane'],
  ['charts', 'h1'],
  ['search', 'input'],
  ['setup', '.setup h2'],
  ['task/gh-1', '.glance-map'],
  ['task/gh-1?tab=changes', '.file'],
  ['task/gh-1?tab=why', '.history'],
  ['task/gh-1?tab=runs', '.attempts'],
  ['task/gh-1?tab=saved', '.saved, .empty'],
] as const;

/** What has moved by itself, by more than an eye would overlook, as the browser saw it. */
const JUMPS = `window.__jumps = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (value > 0.002 && !hadRecentInput) window.__jumps.push(value.toFixed(4) + ' ' + sources.map(({ node }) => node?.outerHTML?.slice(0, 80)).join(' | '));
  }).observe({ type: 'layout-shift', buffered: true });`;

/** Names what can be clicked, chosen or written into and the Tab key does not come to. */
async function unreached(page: Page): Promise<readonly string[]> {
  const left = (): Promise<number> => page.evaluate('window.__left().length') as Promise<number>;
  await page.evaluate(CONTROLS);
  const most = 3 * (await left()) + 20;
  for (let n = 0; n < most && (n % 10 !== 0 || (await left()) > 0); n++) await page.keyboard.press('Tab');
  return (await page.evaluate('window.__left()')) as readonly string[];
}

/** Every control by a name, since a view that lives draws them anew; of radio buttons one stands for all, the arrows go on from it. */
const CONTROLS = `{
  const nameOf = (one) => one.type === 'radio' ? 'radio ' + one.name
    : [one.tagName, one.getAttribute('aria-label') ?? one.textContent, one.getAttribute('href')].join(' ').replaceAll(/\\d+/g, 'N');
  const seen = new Set();
  document.addEventListener('focusin', ({ target }) => seen.add(nameOf(target)));
  const all = () => [...document.querySelectorAll('a, button, input, select, textarea, summary, [role=button], [onclick], [tabindex="0"]')];
  window.__left = () => [...new Set(all().filter((one) => one.checkVisibility() && !one.disabled).map(nameOf))].filter((name) => !seen.has(name));
}`;

test('no view has what axe finds or is wider than its window; every action is reached by keyboard alone', LIMIT, async (context) => {
  const scene = await openScene(context, ['Count the lines', 'Add a test']);
  const { page, say, place, url } = scene;
  say('gh-1', [text('I look.'), call('a', 'Bash', { command: 'npm test' }), result('a', 'one failed', true), text('I mend it.')]);
  say('gh-1', [call('b', 'Edit', { file_path: '/w/work.txt', old_string: 'a', new_string: 'work' }), result('b', 'fine')]);
  // How much each has changed, as git has it.
  await page.locator('[data-task="gh-1"]').getByText('+1', { exact: true }).waitFor({ timeout: 60_000 });
  await page.setViewportSize({ width: 1440, height: 844 });
  await page.addInitScript(JUMPS);
  for (const [n, [address, shown]] of VIEWS.entries()) {
    await page.goto(`${url}/#/${address}`);
    // As somebody who opens it there.
    await page.reload();
    await page.locator(shown).first().waitFor();
    // However long the last words of an agent are, nothing else moves.
    say('gh-1', [text(`${'long words '.repeat(n % 2 === 0 ? 60 : 1)} ${n}`)]);
    if (address === '')
      await page
        .locator('[data-task="gh-1"]')
        .getByText(/long words/)
        .waitFor();
    if (address === 'task/gh-1')
      await page
        .locator('.step', { hasText: /long words/ })
        .last()
        .waitFor();
    expect([address, await page.evaluate('window.__jumps')]).toEqual([address, []]);
    for (const [width, theme] of [
      [1440, 'light'],
      [360, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme: theme });
      expect([address, width, await violations(page)]).toEqual([address, width, []]);
      expect([address, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([address, width]);
    }
    // By Tab alone, at the size of a phone, where the most is folded away.
    expect([address, await unreached(page)]).toEqual([address, []]);
    await pictured(page, `view ${address}`);
    // Back, wherever the Tab key has led: out of a field, then out of the view.
    for (let n = 0; n < 2; n++) await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('location.hash')).toBe('#/');
  }

  // By keyboard alone: each action of a task, the fleet's, every view. Each is named where the keys are told.
  await page.setViewportSize({ width: 1440, height: 844 });
  await page.goto(`${url}/#/task/gh-1`);
  for (const [key, name] of [
    ['t', 'Tell gh-1?'],
    ['s', 'Stop gh-1?'],
    ['x', 'Kill gh-1?'],
  ] as const) {
    await page.locator('.acts').waitFor();
    await page.keyboard.press(key);
    await page.getByRole('dialog', { name }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }
  const command = async (words: string): Promise<void> => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
  };
  await command('the board');
  await page.locator('.lane').first().waitFor();
  await command('charts');
  await page.getByRole('heading', { name: 'Days' }).waitFor();
  await command('setup');
  await page.locator('.setup h2').first().waitFor();
  await command('pause all');
  await place.until('the fleet to be paused', () => place.read('.tac8/http.json') !== '' && page.getByText('Paused').first().isVisible());
  await command('resume');
  await command('open gh-2');
  await page.getByRole('heading', { name: /Add a test/ }).waitFor();
  await command('priority 0 for gh-2');
  await page.locator('.outcome').first().waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');

  // What else this person's daemons serve, a click away.
  const other = await workplace(context);
  other.env.HOME = place.env.HOME ?? '';
  other.configure({ http: { port: 0 } });
  other.start();
  await other.until('its page', () => other.read('.tac8/http.json') !== '');
  await page.goto(`${url}/#/`);
  await page.reload();
  const list = page.getByRole('region', { name: 'Repositories' });
  await list.getByText('2 of 2 slots').waitFor();
  await pictured(page, 'several repositories');
  expect(await violations(page)).toEqual([]);
  expectQuiet(scene);
  await list.getByRole('button').click();
  await page.getByText('Nothing is queued').waitFor();
  await pictured(page, 'an empty fleet');
  expect(page.url().startsWith(url)).toBe(false);
});
