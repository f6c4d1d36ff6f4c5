import { fork } from 'node:child_process';
import { once } from 'node:events';
import { ownProgram } from '../../place/own-files.ts';
import type { Order } from './witness.ts';

export interface WitnessCalled {
  /** Has it look a last time and write down what it saw. */
  finish(): Promise<void>;
  end(): Promise<void>;
}

/** Starts the witness; it ends by itself when this process is gone. */
export function callWitness(order: Order, env: Readonly<Record<string, string>>): WitnessCalled {
  const program = ownProgram('chaos/witness/witness');
  const child = fork(program, [], {
    env,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  child.send(order);
  return {
    async finish() {
      child.send({ kind: 'finish' } satisfies Order);
      await ended;
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}
