import { readdirSync } from 'node:fs';
import type { Usage, UsageFact } from '../../core/limits/usage.ts';
import type { Run } from '../../core/model/run.ts';
import { byLabel, counter, type Family, gauge, type Sample } from './families.ts';

/** What each worker's tree uses; the newest look, at most ten seconds old while workers run. */
export function workerFamilies(usage: UsageFact | null, runs: readonly Run[]): readonly Family[] {
  const live = runs.flatMap(({ id, task }) => {
    const used = usage?.workers[id];
    return used === undefined ? [] : [{ labels: { task, run: id }, used }];
  });
  const family = (type: 'gauge' | 'counter', name: string, help: string, value: (used: Usage) => number): Family => ({
    type,
    name,
    help,
    samples: live.map(({ labels, used }): Sample => ({ labels, value: value(used) })),
  });
  return [
    family('gauge', 'tac8_worker_processes', 'Live processes of a worker.', ({ processes }) => processes),
    family('gauge', 'tac8_worker_memory_bytes', 'Memory of all processes of a worker.', ({ memoryBytes }) => memoryBytes),
    family('counter', 'tac8_worker_cpu_seconds_total', 'Processor time of all processes of a worker.', ({ cpuSeconds }) => cpuSeconds),
  ];
}

export function machineFamilies(usage: UsageFact | null): readonly Family[] {
  const machine = usage?.machine ?? null;
  return [
    gauge('tac8_machine_memory_bytes', 'Memory of the machine.', machine?.memoryBytes ?? null),
    gauge('tac8_machine_memory_available_bytes', 'Memory that a new process could have.', machine?.freeMemoryBytes ?? null),
    gauge('tac8_machine_disk_bytes', 'Size of the disk that the repository is on.', machine?.diskBytes ?? null),
    gauge('tac8_machine_disk_free_bytes', 'What is free of it.', machine?.freeDiskBytes ?? null),
    gauge('tac8_machine_cpu_ratio', 'The busy share of all cores, from 0 to 1.', machine?.cpuShare ?? null),
    gauge('tac8_machine_load_per_core', 'Processes that want to run, per core, over the last minute.', machine?.loadPerCore ?? null),
    byLabel('gauge', 'tac8_machine_temperature_celsius', 'Temperature by sensor.', 'sensor', machine?.temperatures ?? {}),
  ];
}

/** The daemon's own process, under the names that every Prometheus client gives these. */
export function processFamilies(): readonly Family[] {
  const { user, system } = process.cpuUsage();
  return [
    counter('process_cpu_seconds_total', 'Processor time of the daemon.', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Resident memory of the daemon.', process.memoryUsage.rss()),
    gauge('process_open_fds', 'Files that the daemon has open.', openFiles()),
    gauge('process_start_time_seconds', 'When the daemon’s process started.', (Date.now() - process.uptime() * 1000) / 1000),
  ];
}

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null; // not Linux
  }
}
