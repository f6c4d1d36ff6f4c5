import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../demo/ground/child.ts';
import type { DemoFolder } from '../../demo/ground/folder.ts';
import { findMarked, startOf } from '../../demo/ground/process-table.ts';
import { type Postgres, startPostgres } from '../../demo/world/postgres.ts';
import { machineName, startRunner } from '../../demo/world/runners.ts';
import type { Ledger } from '../world/ledger.ts';
import { pick } from '../world/random.ts';
import { type Link, openLink } from './link.ts';

/** The machines of a chaos: a Postgres, and runners that each have a line to it. */
export interface Fleet {
  readonly url: string;
  /** What a fault is called; it is over when this resolves. */
  fault(name: FleetFault): Promise<void>;
  /** Whoever ended is started again, as a service would. */
  keepUp(): void;
  end(): Promise<void>;
}

export const FLEET_FAULTS = ['kill a runner', 'freeze a runner', 'cut a runner off', 'kill a machine', 'kill Postgres'] as const;
export type FleetFault = (typeof FLEET_FAULTS)[number];

interface Means {
  readonly folder: DemoFolder;
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
  readonly random: () => number;
  readonly ledger: Ledger;
}

interface Machine {
  readonly name: string;
  readonly link: Link;
  runner: Child;
}

/** So long a line is cut, a machine frozen, Postgres away: shorter than what makes a machine silent. */
const AWAY_MS = 3_000;

export async function startFleet(count: number, { folder, mark, env, random, ledger }: Means): Promise<Fleet> {
  const postgres: Postgres = await startPostgres();
  const begin = (name: string, link: Link): Child => startRunner(folder, name, link.url, { ...env, DEMO_MARK: `${mark}-${name}` });
  const machines: Machine[] = [];
  let isPostgresThere = true;
  for (let n = 1; n <= count; n += 1) {
    const link = await openLink(postgres.port);
    machines.push({ name: machineName(n), link, runner: begin(machineName(n), link) });
  }
  const awhile = (): Promise<void> => sleep(500 + random() * (AWAY_MS - 500));
  const keepUp = (): void => {
    if (!isPostgresThere) return;
    for (const one of machines) if (!one.runner.isRunning()) one.runner = begin(one.name, one.link);
  };

  async function killMachine({ name, runner }: Machine): Promise<void> {
    const runs = new Set<string>();
    // As when its power is gone: the runner first, so that it tells of no end; then all that it began.
    await runner.end([]);
    for (const seen of findMarked(`${mark}-${name}`)) {
      if (seen.run !== null) runs.add(seen.run);
      if (startOf(seen.pid) === seen.startTime) kill(seen.pid, 'SIGKILL');
    }
    ledger.add({ kind: 'machine-killed', at: Date.now(), machine: name, runs: [...runs] });
  }

  return {
    url: postgres.url,
    keepUp,
    async fault(fault) {
      const one = pick(random, machines);
      if (one === undefined) return;
      if (fault !== 'kill a machine') ledger.add({ kind: 'fleet-fault', at: Date.now(), fault });
      switch (fault) {
        case 'kill a runner':
          await one.runner.end([]);
          break;
        case 'freeze a runner':
          kill(one.runner.pid, 'SIGSTOP');
          await awhile();
          kill(one.runner.pid, 'SIGCONT');
          break;
        case 'cut a runner off':
          one.link.cut();
          await awhile();
          one.link.mend();
          break;
        case 'kill a machine':
          await killMachine(one);
          break;
        case 'kill Postgres':
          isPostgresThere = false;
          await postgres.kill();
          await awhile();
          await postgres.start();
          isPostgresThere = true;
      }
      keepUp();
    },
    async end() {
      for (const { runner } of machines) kill(runner.pid, 'SIGCONT');
      await Promise.all(machines.map(({ runner }) => runner.end([3_000])));
      await Promise.all(machines.map(({ link }) => link.end()));
      await postgres.end();
    },
  };
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
