import { readdirSync, readFileSync, type StatsFs, statfs } from 'node:fs';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../../core/tick/world.ts';

export interface ReadingsOptions {
  /** A folder on the disk that is meant. */
  readonly root: string;
  /** Where the kernel tells of itself; others only in tests. */
  readonly proc?: string;
  readonly thermal?: string;
  readonly now?: () => number;
}

/** A sensor of a Raspberry Pi takes a millisecond to ask: that is not for every tick. */
const TEMPERATURE_EVERY = 5_000;
const CPU_EVERY = 1_000;

/** Reads memory, disk, processor and temperature; what a system does not tell is left out. Throws where the disk cannot be asked. */
export function createReadings({
  root,
  proc = '/proc',
  thermal = '/sys/class/thermal',
  now = () => performance.now(),
}: ReadingsOptions): () => Promise<Machine> {
  const temperatures = every(TEMPERATURE_EVERY, now, () => readTemperatures(thermal));
  const busy = every(CPU_EVERY, now, createBusyShare(join(proc, 'stat')));
  return async () => {
    const { bavail, blocks, bsize } = await diskOf(root);
    const memory = readMemory(join(proc, 'meminfo'));
    const cpu = busy();
    return {
      freeMemoryBytes: memory.free,
      freeDiskBytes: bavail * bsize,
      loadPerCore: (loadavg()[0] ?? 0) / availableParallelism(),
      memoryBytes: memory.total,
      diskBytes: blocks * bsize,
      ...(cpu === null ? {} : { cpuShare: cpu }),
      temperatures: temperatures(),
    };
  };
}

/** Beside the loop, as a disk may be far away; without the promises of node:fs, which take a short command longer to load. */
function diskOf(root: string): Promise<StatsFs> {
  const { promise, resolve, reject } = Promise.withResolvers<StatsFs>();
  statfs(root, (error, found) => (error === null ? resolve(found) : reject(error)));
  return promise;
}

function every<T>(gap: number, now: () => number, read: () => T): () => T {
  let last: { readonly at: number; readonly value: T } | null = null;
  return () => {
    if (last === null || now() - last.at >= gap) last = { at: now(), value: read() };
    return last.value;
  };
}

/** What a new process could have; MemAvailable counts what caches would give back. */
export const availableMemory = (): number => readMemory('/proc/meminfo').free;

/** MemAvailable counts what caches would give back; elsewhere the free memory. */
function readMemory(path: string): { readonly free: number; readonly total: number } {
  const text = readText(path) ?? '';
  const kib = (name: string): number | null => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    return found === undefined ? null : Number(found) * 1024;
  };
  return { free: kib('MemAvailable') ?? freemem(), total: kib('MemTotal') ?? totalmem() };
}

/** The share of all cores that was busy since the last call, from 0 to 1; null at the first, and where the kernel does not tell. */
function createBusyShare(path: string): () => number | null {
  let before: { readonly busy: number; readonly all: number } | null = null;
  return () => {
    const fields = /^cpu +(\d[\d ]*)$/m
      .exec(readText(path) ?? '')?.[1]
      ?.trim()
      .split(/\s+/)
      .map(Number);
    if (fields === undefined) return null;
    // user nice system idle iowait irq softirq steal; guest time is in user already.
    const all = fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
    const now = { all, busy: all - (fields[3] ?? 0) - (fields[4] ?? 0) };
    const share = before === null || now.all <= before.all ? null : (now.busy - before.busy) / (now.all - before.all);
    before = now;
    return share === null ? null : Math.min(1, Math.max(0, share));
  };
}

/** Degrees Celsius by the sensor's own name. A sensor that does not answer is left out. */
function readTemperatures(folder: string): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const zone of zonesIn(folder)) {
    const text = readText(join(folder, zone, 'temp'))?.trim() ?? '';
    const name = readText(join(folder, zone, 'type'))?.trim() || zone;
    if (/^-?\d+$/.test(text)) found[name in found ? zone : name] = Number(text) / 1000;
  }
  return found;
}

function zonesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('thermal_zone'));
  } catch {
    return []; // not a machine with sensors, or not Linux
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // it is not told here
  }
}
