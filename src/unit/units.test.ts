import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type UnitFacts, unitFacts, unitName } from './facts.ts';
import { launchdPlist } from './launchd-plist.ts';
import { systemdUnit } from './systemd-unit.ts';

const FACTS: UnitFacts = {
  name: 'tac8-widgets-abc123',
  root: '/srv/widgets',
  program: '/bin/sh',
  path: '/usr/bin:/bin',
  envFile: '/srv/widgets/.tac8/service.env',
  log: '/srv/widgets/logs/service.log',
  scope: 'user',
  user: 'someone',
  notifies: true,
  standby: false,
};
const ODD: Partial<UnitFacts> = { root: `/srv/a "b" 'c' 100% $HOME \\x é & <d>`, envFile: '/srv/[a] 50%?/service.env' };

test('the unit leaves workers alone, is watched, and holds no token', () => {
  const unit = systemdUnit(FACTS);
  for (const line of [
    'KillMode=process',
    'Delegate=yes',
    'KillSignal=SIGUSR2',
    'Type=notify',
    'WatchdogSec=3min',
    'Restart=on-failure',
    'StandardOutput=journal',
  ])
    expect(unit.split('\n')).toContain(line);
  expect(unit).toContain('ExecStart=:"/bin/sh" "-C" "/srv/widgets" "start"\n');
  expect(unit).not.toMatch(/TOKEN|KEY/);
});

test('one that stands by is started so', () => {
  const standing = { ...FACTS, standby: true };
  expect(systemdUnit(standing)).toContain('ExecStart=:"/bin/sh" "-C" "/srv/widgets" "start" "--standby"\n');
  expect(launchdPlist(standing)).toContain('<string>start</string><string>--standby</string></array>');
});

test('what cannot be told by anybody is not waited for', () => {
  const unit = systemdUnit({ ...FACTS, notifies: false });
  expect(unit).toContain('Type=exec\n');
  expect(unit).not.toContain('Watchdog');
});

test('blanks, quotes, percent signs and backslashes stay what they are', () => {
  const unit = systemdUnit({ ...FACTS, ...ODD });
  expect(unit).toContain(`"-C" "/srv/a \\"b\\" 'c' 100%% $HOME \\\\x é & <d>" "start"`);
  expect(unit).toContain('EnvironmentFile=-/srv/\\[a] 50%%\\?/service.env\n');
  expect(() => facts('/srv/a\nExecStartPre=/bin/evil')).toThrow(/control character/);
});

const facts = (root: string, program = '/opt/tac8/bin/tac8') =>
  unitFacts({
    root,
    state: '/s',
    logs: '/l',
    scope: 'user',
    env: { PATH: '/bin' },
    program,
    notifies: true,
    standby: false,
    userName: () => 'someone',
  });

test('two folders of one name have units of their own, and a copy of npx has none', () => {
  expect(unitName('/a/My Widgets!')).toMatch(/^tac8-my-widgets-[0-9a-f]{6}$/);
  expect(unitName('/a/widgets')).not.toBe(unitName('/b/widgets'));
  expect(unitName('/a/ü')).toMatch(/^tac8-[0-9a-f]{6}$/);
  expect(() => facts('/srv/a', '/root/.npm/_npx/1/node_modules/tac8/bin/tac8')).toThrow(/npx/);
});

const hasAnalyze = spawnSync('systemd-analyze', ['--version'], { timeout: 10_000 }).status === 0;

test.skipIf(!hasAnalyze)('systemd-analyze takes every unit', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-unit-'));
  try {
    const cases = [FACTS, { ...FACTS, ...ODD }, { ...FACTS, notifies: false }, { ...FACTS, scope: 'system' as const, user: 'root' }];
    for (const [n, one] of cases.entries()) {
      const file = join(dir, `tac8-${n}.service`);
      writeFileSync(file, systemdUnit(one));
      const scope = one.scope === 'user' ? ['--user'] : [];
      // It warns and ends with 0 where a line means nothing to it: whatever it says is wrong.
      const said = spawnSync('systemd-analyze', [...scope, 'verify', '--man=no', '--recursive-errors=no', file], {
        encoding: 'utf8',
        timeout: 20_000,
        env: { PATH: process.env.PATH ?? '', HOME: dir, XDG_RUNTIME_DIR: dir, LC_ALL: 'C' },
      });
      expect({ n, code: said.status, err: said.stderr }).toEqual({ n, code: 0, err: '' });
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('the plist is XML with the arguments as they are', () => {
  const plist = launchdPlist({ ...FACTS, ...ODD });
  const parser = `use strict; undef $/; my $x = <STDIN>;
    while ($x =~ s/<(\\w+)( [^<>]*)?>([^<>]*)<\\/\\1>//s || $x =~ s/<\\w+( [^<>]*)?\\/>//s) {} $x =~ s/<[?!][^>]*>//g; print $x =~ /\\S/ ? "left: $x" : 'whole';`;
  expect(execFileSync('perl', ['-e', parser], { input: plist, encoding: 'utf8', timeout: 10_000 })).toBe('whole');
  expect(plist).toContain(`<string>/srv/a &quot;b&quot; &apos;c&apos; 100% $HOME \\x é &amp; &lt;d&gt;</string>`);
  expect(plist).toMatch(/<key>AbandonProcessGroup<\/key><true\/>/);
});

const hasPython = spawnSync('python3', ['-c', 'import plistlib'], { timeout: 10_000 }).status === 0;

test.skipIf(!hasPython)('a reader of plists reads from it what was meant', () => {
  const program = 'import plistlib, json, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
  const read = execFileSync('python3', ['-c', program], { input: launchdPlist({ ...FACTS, ...ODD }), encoding: 'utf8', timeout: 10_000 });
  expect(JSON.parse(read)).toMatchObject({
    Label: FACTS.name,
    ProgramArguments: ['/bin/sh', '-C', ODD.root, 'start'],
    EnvironmentVariables: { PATH: FACTS.path },
    KeepAlive: { SuccessfulExit: false },
    AbandonProcessGroup: true,
  });
});
