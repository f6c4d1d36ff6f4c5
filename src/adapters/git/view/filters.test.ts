import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, RUN } from '../../../../test/support/git/git-workspaces.ts';
import { filtersLeftOut } from './filters.ts';

let world: GitWorld;
const { HOME } = process.env;
beforeEach(() => {
  world = makeGitWorld({ files: { '.gitattributes': '*.up filter=up\n*.gone filter=gone\n' } });
  const home = join(world.home, 'person');
  mkdirSync(home);
  const filter = (name: string, program: string): string => `[filter "${name}"]\n\tclean = ${program}\n\tsmudge = tr A-Z a-z\n\trequired\n`;
  writeFileSync(
    join(home, '.gitconfig'),
    filter('up', 'tr a-z A-Z') + filter('gone', 'no-such-program-of-mine') + filter('other', 'false'),
  );
  process.env.HOME = home;
  world.git(['config', 'filter.up.clean', 'echo evil']);
});
afterEach(() => {
  process.env.HOME = HOME;
  world.remove();
});

async function saved(filters: readonly string[]): Promise<(file: string) => string> {
  const spaces = world.again({ filters });
  await spaces.ensure(world.task, new AbortController().signal);
  for (const name of ['a.up', 'a.gone']) world.write(name, 'text', world.tree);
  const { commit } = await spaces.save(world.task, RUN, 'a test');
  return (file) => world.git(['cat-file', '-p', `${commit}:${file}`]);
}

test('an allowed filter runs as the person has it, both ways; one whose program is missing keeps nothing from being saved', async () => {
  expect((await saved(['up']))('a.up')).toBe('TEXT');
  const to = join(world.home, 'out');
  await world.again({ filters: ['up'] }).restore(world.task, { to });
  expect(world.git(['hash-object', '--no-filters', join(to, 'a.up')])).toBe(
    world.git(['hash-object', '--no-filters', join(world.tree, 'a.up')]),
  );
  expect((await saved(['up', 'gone']))('a.gone')).toBe('text');
});

test('without the setting files are taken as they are, and the person is told', async () => {
  expect((await saved([]))('a.up')).toBe('text');
  expect(world.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', fields: { remedy: expect.stringContaining('git: { filters: [gone, up] }') } }),
  );
  expect(await filtersLeftOut(world.root, join(world.root, '.git'), ['gone', 'up'])).toEqual([]);
});
