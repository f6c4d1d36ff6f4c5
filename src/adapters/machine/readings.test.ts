import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createReadings } from './readings.ts';

/** A folder that looks like the kernel's own words on a Raspberry Pi. */
function kernel() {
  const root = mkdtempSync(join(tmpdir(), 'tac8-readings-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const put = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  let at = 0;
  const read = createReadings({ root, proc: join(root, 'proc'), thermal: join(root, 'thermal'), now: () => at });
  const after = (ms: number) => {
    at += ms;
    return read();
  };
  return { put, read, after };
}

test('memory, processor and temperature as the kernel tells them', async () => {
  const { put, read, after } = kernel();
  put('proc/meminfo', 'MemTotal:        8000 kB\nMemFree:   100 kB\nMemAvailable:    3000 kB\n');
  put('proc/stat', 'cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 1\n');
  put('thermal/thermal_zone0/type', 'cpu-thermal\n');
  put('thermal/thermal_zone0/temp', '81250\n');
  put('thermal/thermal_zone1/type', 'cpu-thermal\n');
  put('thermal/thermal_zone1/temp', '-500\n');
  put('thermal/cooling_device0/type', 'fan\n');
  const first = await read();
  expect(first).toMatchObject({ freeMemoryBytes: 3000 * 1024, memoryBytes: 8000 * 1024 });
  expect(first.temperatures).toEqual({ 'cpu-thermal': 81.25, thermal_zone1: -0.5 });
  expect(first.cpuShare).toBeUndefined();
  put('proc/stat', 'cpu  160 0 115 720 105 0 0 0 50 0\n');
  expect((await after(1_000)).cpuShare).toBeCloseTo(0.75);
});

test('a sensor that fails is left out; one that changes is asked again after a while', async () => {
  const { put, read, after } = kernel();
  put('thermal/thermal_zone0/temp', 'garbage\n');
  expect((await read()).temperatures).toEqual({});
  put('thermal/thermal_zone0/temp', '50000\n');
  expect((await after(1_000)).temperatures).toEqual({});
  expect((await after(5_000)).temperatures).toEqual({ thermal_zone0: 50 });
});

test('where nothing is told there is still an answer', async () => {
  const machine = await kernel().read();
  expect(machine.freeMemoryBytes).toBeGreaterThan(0);
  expect(machine.freeDiskBytes).toBeGreaterThan(0);
  expect(machine.temperatures).toEqual({});
});
