import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { type Status, type Workplace, workplace } from '../../support/world/daemon.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SCHEMA = JSON.parse(readFileSync(join(ROOT, 'schema/status.schema.json'), 'utf8')) as Node;

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

/** The title tries to clear the screen. */
const TITLE = 'Asks \u001b[2J\u001b[31m';
const AGENT = `case "$TAC8_TASK" in
  gh-1) echo 'SQLite or Parquet?' >BLOCKED.md ;;
  gh-2) echo trying; exit 7 ;;
  gh-3 | gh-4) echo '{"type":"text"}'; until [ -e "$1/go" ]; do sleep 0.1; done ;;
esac
`;

function fits(status: unknown): void {
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  const check = ajv.compile(SCHEMA);
  check(status);
  expect(check.errors ?? []).toEqual([]);
}

async function read(place: Workplace): Promise<Status> {
  const status = await place.status();
  fits(status);
  return status;
}

test(
  'status tells who must act first, with what each uses, in a shape that is written down; without a daemon, too',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({
      agent: place.agent(AGENT),
      limits: { attempts: 1, min_free_memory: '1MiB', min_free_disk: '1MiB', start_gap: '0s' },
    });
    fits(await place.status());
    expect((await place.tac8('status')).out).toContain('no daemon runs');

    place.issue(TITLE);
    place.issue('Fails');
    place.issue('Runs');
    place.issue('Runs, too');
    const daemon = place.start();
    const status = await place.until('one of each', async () => {
      const now = await read(place);
      const memory = (now.tasks.find(({ id }) => id === 'gh-3')?.run as { usage?: { memory: number } } | null)?.usage?.memory ?? 0;
      return now.counts.blocked === 1 && now.counts.failed === 1 && memory > 0 && now;
    });
    expect(status.tasks.slice(0, 3).map(({ state }) => state)).toEqual(['blocked', 'failed', 'active']);
    expect(status).toMatchObject({ daemon: { pid: daemon.pid }, issues: { known: true }, spend_today: { usd: 0, cap_usd: 100 } });

    const { out } = await place.tac8('status');
    expect(out).not.toContain('\u001b');
    for (const words of [
      'Needs you',
      'asks: SQLite or Parquet?',
      'agent_error: exit code 7',
      'GitHub ',
      'requests left',
      'disk free',
      ' seen ',
      'attempt 1 · for ',
      ' MiB in ',
    ])
      expect(out).toContain(words);
    expect(out.indexOf('Needs you')).toBeLessThan(out.indexOf('Failed'));
    expect(out.indexOf('Failed')).toBeLessThan(out.indexOf('Running'));

    writeFileSync(join(place.notes, 'go'), '');
    await daemon.end('SIGKILL');
    expect(await read(place)).toMatchObject({ daemon: null });
    expect((await place.tac8('status')).out).toMatch(/no daemon runs(?:.|\n)*was written .* ago and may be old/);
  },
);

test('docs/status.md names every field', () => {
  const docs = readFileSync(join(ROOT, 'docs/status.md'), 'utf8');
  const names = (node: Node, prefix: string): readonly string[] =>
    Object.entries(node.properties ?? {}).flatMap(([key, inner]) => [
      `${prefix}${key}`,
      ...names(inner, `${prefix}${key}.`),
      ...(inner.items === undefined ? [] : names(inner.items, `${prefix}${key}[].`)),
    ]);
  expect(names(SCHEMA, '').filter((name) => !docs.includes(`| \`${name}\` |`))).toEqual([]);
});
