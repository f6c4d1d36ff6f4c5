import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';
import { until } from '../../support/world/program.ts';

const PATIENCE = 100_000;

/** Asks for two names that nobody has, until it is told to end. */
const AGENT = `until [ -e "$1/go" ]; do
  for name in late never; do
    bash -c "exec 3<>/dev/tcp/127.0.0.1/3128; printf 'CONNECT %s.invalid:443 HTTP/1.1\\\\r\\\\n\\\\r\\\\n' $name >&3; cat <&3 >/dev/null"
  done
  sleep 0.1
done
touch done && git add -A && git commit -qm done`;

test(
  'a host that a running worker may not reach is in why, and a word of a person’s lets this worker through',
  { timeout: 300_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({
      agent: place.agent(AGENT),
      sandbox: { kind: 'auto', profile: { read: [join(place.home, 'agent.sh')], write: [place.notes] } },
    });
    const task = `gh-${place.issue('One')}`;
    const daemon = place.start();
    const told = (host: string): readonly string[] =>
      (existsSync(join(place.root, '.tac8/egress/refused.jsonl')) ? place.read('.tac8/egress/refused.jsonl') : '')
        .split('\n')
        .flatMap((line) => (line.includes(`"${host}:443"`) ? [(JSON.parse(line) as { readonly why: string }).why] : []));
    await place.until('the refusals', () => told('late.invalid').length > 0 && told('never.invalid').length > 0, PATIENCE);
    const before = (await place.tac8('why', task)).out;
    expect(before).toContain('wanted late.invalid:443');
    expect(before).toContain(`tac8 allow ${task} late.invalid`);
    const run = (await place.status()).tasks[0]?.run;

    expect(await place.tac8('allow', task, 'late.invalid')).toMatchObject({ code: 0 });
    // Nobody has such a name: who may go there hears so.
    await place.until('the worker to be let through', () => told('late.invalid').includes('no address is known of that name'), PATIENCE);
    expect(told('never.invalid')).toEqual(told('never.invalid').map(() => 'not on the list'));
    const after = (await place.tac8('why', task)).out;
    expect(after).not.toContain('wanted late.invalid');
    expect(after).toContain('wanted never.invalid:443');
    expect((await place.status()).tasks[0]?.run?.pid).toBe(run?.pid);

    writeFileSync(join(place.notes, 'go'), '');
    await place.until('the pull', () => place.board().includes('- PR: #'), PATIENCE);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
    await until('nothing left behind', () => place.strays().length === 0, { within: PATIENCE, why: () => place.strays().join('\n') });
  },
);
