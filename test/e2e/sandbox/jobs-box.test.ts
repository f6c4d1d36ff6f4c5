import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';
import { until } from '../../support/world/program.ts';

/** Asks the way out for a name of each, which nobody has. */
const ASKS = `for name in agent setup verify; do
  (exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT %s.invalid:443 HTTP/1.1\\r\\n\\r\\n' $name >&3; cat <&3)
done >/dev/null 2>&1`;

/** Tells what it sees: the person's secret beside the worktree, this machine's network, a variable. */
const LOOKS = (name: string): string =>
  `${ASKS}\n{ echo "$GIVEN"; cat "$ROOT/secret.txt" "$ROOT/.tac8/page-token"; ls "$ROOT/trees"; (exec 3<>/dev/tcp/127.0.0.1/"$PORT") && echo reached; } >"$HOME/${name}" 2>&1; true`;

test.for(['none', 'auto'] as const)(
  'setup and checks see and reach what the agent does: sandbox %s',
  { timeout: 240_000 },
  async (kind, context) => {
    const place = await workplace(context);
    const port = new URL(place.fake.url).port;
    const looks = (name: string): string => `#!/bin/bash\nROOT='${place.root}' PORT=${port}\n${LOOKS(name)}\n`;
    writeFileSync(join(place.root, 'secret.txt'), 'a word beside the worktree');
    // The person's own script in the main checkout, which the box does not show but for this.
    writeFileSync(join(place.root, 'setup.sh'), looks('setup'), { mode: 0o755 });
    // The agent writes what its own work is checked with.
    const agent = `cat >/dev/null; bash <<'END'\n${looks('agent')}END\ncat >verify.sh <<'END'\n${looks('verify')}END\nchmod +x verify.sh; git add -A && git commit -qm done`;
    place.configure({
      agent: place.agent(agent),
      worktrees: { setup: 'setup.sh' },
      pulls: { verify: './verify.sh' },
      sandbox: {
        kind,
        profile: { hosts: ['agent.invalid'], env: ['GIVEN'] },
        setup: { hosts: ['setup.invalid'] },
        verify: { hosts: ['verify.invalid'] },
      },
    });
    place.env.GIVEN = 'given to all';
    const task = `gh-${place.issue('One')}`;
    const daemon = place.start();
    await place.until('the pull', () => place.board().includes('[✅'), 100_000);
    for (const name of ['setup', 'agent', 'verify']) {
      const path = join(place.root, '.tac8/homes', task, name);
      expect(existsSync(path), name).toBe(true);
      const seen = readFileSync(path, 'utf8');
      // Without the box both are to be had: so that their absence means something.
      expect(seen.includes('a word beside the worktree'), seen).toBe(kind === 'none');
      expect(seen.includes('reached'), seen).toBe(kind === 'none');
      expect(seen).toContain(task);
      expect(seen.includes('given to all'), name).toBe(kind === 'auto');
    }
    // Each was told of its own name that nobody has it, and of the others' that it may not go there.
    const refused = kind === 'none' ? [] : place.read('.tac8/egress/refused.jsonl').trim().split('\n');
    const asked = refused.map((line) => JSON.parse(line) as { readonly run: string; readonly host: string; readonly why: string });
    const own = [...Map.groupBy(asked, ({ run }) => run).values()].map((of) => [
      of.length,
      ...of.filter(({ why }) => why !== 'not on the list').map(({ host }) => host),
    ]);
    const right = ['setup', 'agent', 'verify'].map((name) => [3, `${name}.invalid:443`]);
    expect(own).toEqual(kind === 'none' ? [] : right);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    await until('nothing left behind', () => place.strays().length === 0, { within: 100_000, why: () => place.strays().join('\n') });
  },
);
