import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

/** What real work needs, each in a real box with no host on its list. */
const JOBS: readonly (readonly [what: string, script: string, says: string])[] = [
  [
    'a Makefile with gcc',
    `printf '#include <stdio.h>\\nint main(void) { puts("built in the box"); return 0; }\\n' >main.c
printf 'main: main.c\\n\\tgcc -O1 -o main main.c\\n' >Makefile
make -s main && ./main`,
    'built in the box',
  ],
  [
    'Python with an environment of its own',
    `/usr/bin/python3 -m venv --without-pip env && . env/bin/activate
python -c 'import sys; print("venv", sys.prefix != sys.base_prefix)'`,
    'venv True',
  ],
  [
    'a browser without a screen',
    `printf '<title>x</title><script>document.title = "drawn by " + (6 * 7)</script>' >page.html
chromium --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$TMPDIR/profile" --virtual-time-budget=2000 --dump-dom "file://$PWD/page.html"`,
    '<title>drawn by 42</title>',
  ],
  [
    'a Postgres on its own loopback',
    `bin=${globSync('/usr/lib/postgresql/*/bin').sort().at(-1) ?? 'none'}
"$bin/initdb" -D "$PWD/data" -U tac8 -A trust -E UTF8 --no-sync >/dev/null
"$bin/pg_ctl" -D "$PWD/data" -w -t 60 -l log -o '-p 5432 -h 127.0.0.1 -k /tmp -c fsync=off -c shared_buffers=16MB' start >/dev/null
"$bin/psql" -h 127.0.0.1 -U tac8 -Atc "select 'rows: ' || sum(n) from generate_series(1, 4) as n" postgres
"$bin/pg_ctl" -D "$PWD/data" -m immediate stop >/dev/null`,
    'rows: 10',
  ],
];

test('compilers, an interpreter, a browser and a database work in the box', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  context.onTestFinished(() => {
    try {
      process.kill(Number.parseInt(readFileSync(join(place.root, '.tac8/egress/pid'), 'utf8'), 10), 'SIGTERM');
    } catch {
      // It has left by itself, or never came.
    }
  });
  place.configure({ agent: place.agent('true'), sandbox: { kind: 'auto' } });
  for (const [what, script, says] of JOBS) {
    const { out, err, code } = await place.tac8('sandbox', 'try', '--', 'sh', '-c', script);
    expect(`${out}${err}`, what).toContain(says);
    expect(code, what).toBe(0);
  }
});
