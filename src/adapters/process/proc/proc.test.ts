import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { until } from '../../../../test/fixtures/processes/world.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { bootId, isAlive, isZombie, listProcesses, parseStat, readProc, readStat, sendSignal } from './proc.ts';

const line = (comm: string, state = 'S') =>
  `4711 (${comm}) ${state} 12 4711 4700 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 20 18446744073709551615\n`;

describe('parseStat', () => {
  it.each(['sh', 'tmux: server', 'a) R 1 1 1 (b', ')', '((', 'x\n) S 9'])('takes a program named %j', (comm) => {
    expect(parseStat(line(comm))).toEqual({ pid: 4711, comm, state: 'S', ppid: 12, session: 4700, startTime: 987654, isKernel: false });
  });
  it('knows a thread of the kernel by its flags', () => {
    expect(parseStat(line('kworker/0:1').replace('4194304', String(0x4208060 | 0x200000)))).toMatchObject({ isKernel: true });
  });
  it.each(['', '12', '12 (sh', '12 (sh) S 1'])('says that %j is none', (text) => {
    expect(parseStat(text)).toBeNull();
  });
});

describe('processes', () => {
  it('knows itself, and that another start time is another process', () => {
    const me = readStat(process.pid);
    expect(me).toMatchObject({ pid: process.pid, ppid: process.ppid });
    expect(isAlive({ pid: process.pid, startTime: me?.startTime ?? 0 })).toBe(true);
    expect(isAlive({ pid: process.pid, startTime: (me?.startTime ?? 0) + 1 })).toBe(false);
    expect(listProcesses().map(({ pid }) => pid)).toContain(process.pid);
    expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('takes a zombie as gone, though it can be signalled', async () => {
    const child = spawn('/bin/sh', ['-c', 'sleep 0 & echo $!; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(text.toString());
    const startTime = readStat(pid)?.startTime ?? 0;
    await until(() => readStat(pid)?.state === 'Z', 'the zombie');
    const stat = readStat(pid);
    expect(stat !== null && isZombie(stat)).toBe(true);
    expect(sendSignal(pid, 'SIGCONT')).toBe(true);
    expect(isAlive({ pid, startTime })).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readStat(child.pid ?? 0)).toBeNull();
    expect(sendSignal(child.pid ?? 0, 'SIGTERM')).toBe(false);
  });

  it('does not take an unreadable answer for an absent one', () => {
    expect(readProc('/proc/0/stat')).toBeNull();
    expect(() => readProc('/proc/self')).toThrow(PortError); // EISDIR stands for every error but "no such process"
  });
});
