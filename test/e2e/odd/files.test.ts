import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/** The first attempt asks to be stopped by itself; the second asks a question, commits, and finds the answer alone. */
const AGENT = `
mkdir -p src/logs logs
echo 'export {};' >src/logs/x.ts
echo 'about the logs' >logs/readme.txt
if [ ! -e "$1/stopped" ]; then
  : >"$1/stopped"
  echo 'enough' >STOP
  git add -A && git commit -qm 'half of it'
  while :; do sleep 0.05; done
fi
echo 'which one?' >BLOCKED.md
echo 'export const done = true;' >src/logs/x.ts
git add -A && git commit -qm 'all of it'
rm BLOCKED.md
`;

test(
  'what an agent adds is in the pull; STOP, BLOCKED.md and our own files are in no commit and in nobody’s way',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent(AGENT) });
    const number = place.issue('Write logs');
    const daemon = place.start();
    const task = `gh-${number}`;
    await place.until('the stopped run', () => place.board().includes(`] ${task}: Write logs\n- Reason: enough`));
    expect(place.repo.git(['ls-tree', '-r', '--name-only', `auto/${task}`]).split('\n')).toEqual([
      'README.md',
      'logs/readme.txt',
      'src/logs/x.ts',
    ]);
    expect((await place.tac8('retry', String(number))).code).toBe(0);
    await place.until('the pull', () => place.board().includes('- PR: #'));

    const pull = place.fake.state.issues.find((issue) => issue.pull !== null)?.pull;
    const files = place.repo.git(['--git-dir', place.fake.bare, 'ls-tree', '-r', '--name-only', pull?.head.sha ?? '']);
    expect(files.split('\n')).toEqual(['README.md', 'logs/readme.txt', 'src/logs/x.ts']);
    const log = place.repo.git(['--git-dir', place.fake.bare, 'log', '--format=%s', '--name-only', 'main..refs/heads/auto/gh-1']);
    expect(log).not.toMatch(/^(STOP|BLOCKED\.md|tasks\.md|\.tac8.*|adws.*|trees.*)$/m);
    // In the main checkout git shows a person their own files only.
    expect(place.repo.git(['status', '--porcelain', '--untracked-files=all'])).toBe('?? tac8.yaml');
    for (const ours of ['tasks.md', 'adws/metrics.json', `logs/${task}.jsonl`])
      expect(readFileSync(join(place.root, ours), 'utf8')).not.toBe('');
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    expect(place.strays()).toEqual([]);
  },
);
