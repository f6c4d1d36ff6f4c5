import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { readProc } from './proc.ts';

/*
 * Whoever runs as the same user can read what a process was started with, in /proc/PID/environ, for as long as it lives. To take a name out of
 * the environment leaves that text as it was. So the bytes themselves are overwritten, by way of our own memory: another process
 * with the secret on a pipe would cost a second start, and would be another pid than the one that the service knows.
 */

/** More than the kernel gives to a program. */
const MAX = 8 * 1024 * 1024;

/** Takes the values of these names out of this process's environment, also where /proc shows it. Answers whether they are gone there. */
export function forgetInEnvironment(names: readonly string[]): boolean {
  const there = names.filter((name) => (process.env[name] ?? '') !== '');
  for (const name of names) delete process.env[name];
  if (there.length === 0) return true;
  try {
    const region = environmentAt();
    return region !== null && overwrite(region, there);
  } catch {
    return false; // no /proc, or it is not to be written
  }
}

interface Region {
  readonly start: number;
  readonly end: number;
}

/** Fields 50 and 51 of proc_pid_stat(5); zero where the kernel does not say. */
function environmentAt(): Region | null {
  const text = readProc('/proc/self/stat') ?? '';
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [start, end] = [Number(fields[47]), Number(fields[48])];
  return start > 0 && end > start && end - start <= MAX ? { start, end } : null;
}

function overwrite({ start, end }: Region, names: readonly string[]): boolean {
  const memory = openSync('/proc/self/mem', 'r+');
  try {
    const bytes = Buffer.alloc(end - start);
    const read = readSync(memory, bytes, 0, bytes.length, start);
    let at = 0;
    for (const entry of bytes.toString('latin1', 0, read).split('\0')) {
      const name = names.find((one) => entry.startsWith(`${one}=`));
      const value = name === undefined ? 0 : entry.length - name.length - 1;
      if (value > 0) writeSync(memory, Buffer.alloc(value), 0, value, start + at + entry.length - value);
      at += entry.length + 1;
    }
    return true;
  } finally {
    closeSync(memory);
  }
}
