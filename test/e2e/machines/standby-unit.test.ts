import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../src/adapters/machines/database.ts';
import { takeLead } from '../../../src/adapters/machines/lead.ts';
import { fleet } from '../../support/postgres/machines.ts';
import { MAIN } from '../../support/world/built.ts';
import { startProgram, until } from '../../support/world/program.ts';

/** What a supervisor hears, a word a line. */
const LISTENER = `use Socket; $|=1; socket(my $s,AF_UNIX,SOCK_DGRAM,0) or die; bind($s,sockaddr_un($ARGV[0])) or die;
while (defined recv($s,my $m,4096,0)) { print "$m\\n" }`;

test(
  'a standby that is a service is ready while it waits, and fed to the watchdog, before and after it leads',
  { timeout: 120_000 },
  async (context) => {
    const { place, postgres } = await fleet(context);
    const database = await openDatabase(postgres.url, 'tac8');
    context.onTestFinished(database.close);
    const lead = await takeLead(database, { id: 'another', words: 'of /another on one' }, () => undefined);
    const socket = join(place.home, 'notify');
    const listener = spawn('/usr/bin/perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    context.onTestFinished(() => void listener.kill('SIGKILL'));
    let heard = '';
    listener.stdout.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    await until('the listener', () => existsSync(socket));
    const env = { ...place.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1500000' };
    const standby = startProgram([process.execPath, MAIN, 'start', '--standby'], { cwd: place.root, env });
    context.onTestFinished(async () => void (await standby.end('SIGKILL')));
    const why = (): string => `${heard}${standby.out()}${standby.err()}`;
    await until('that it stands by', () => /READY=1\nSTATUS=stands by\n/.test(heard), { within: 60_000, why });
    await until('the watchdog is fed', () => heard.split('WATCHDOG=1').length > 3, { within: 30_000, why });
    expect(standby.err()).toContain('standing by: the coordinator of /another on one has the lead');
    await lead.release();
    await database.query("update lead set holder = 'nobody any more'");
    heard = '';
    await until('that it leads', () => heard.includes('STATUS=works'), { within: 60_000, why });
    heard = '';
    await until('the watchdog is fed still', () => heard.split('WATCHDOG=1').length > 2, { within: 30_000, why });
    await standby.end('SIGUSR2');
  },
);
