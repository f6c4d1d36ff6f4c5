import type { Run } from '../../../src/core/model/run.ts';
import type { Ports } from '../../../src/engine/ports/context.ts';
import type { Agents } from '../../../src/engine/ports/machine/agents.ts';
import type { Clock } from '../../../src/engine/ports/machine/clock.ts';
import type { Surroundings } from '../../../src/engine/ports/machine/surroundings.ts';
import type { Log } from '../../../src/engine/ports/records/log.ts';
import type { RunLog } from '../../../src/engine/ports/records/run-log.ts';
import { DAY } from '../incidents/incidents.ts';
import type { Life } from '../life.ts';
import type { Stage } from '../stage.ts';
import type { Line } from '../truth/conversations.ts';
import { machineNow } from '../truth/machine.ts';
import { boardPort } from './board.ts';
import { forgePort } from './forge.ts';
import { housekeepingPort } from './housekeeping.ts';
import { storePort } from './store.ts';
import { workersPort } from './workers.ts';
import { workspacesPort } from './workspaces.ts';

/** Everything that one daemon acts through, and dies at. */
export function portsFor(stage: Stage, life: Life): Ports {
  const believing = stage.without === 'unknown is not absent';
  const workers = workersPort(stage, life);
  const forge = forgePort(stage, life);
  return {
    store: storePort(stage, life),
    workspaces: workspacesPort(stage, life),
    claims: null,
    housekeeping: housekeepingPort(stage, life),
    board: boardPort(stage, life),
    workers: believing
      ? { ...workers, probe: (...asked) => workers.probe(...asked).catch(() => ({ kind: 'gone', exit: null, rebooted: false })) }
      : workers,
    forge: !stage.hasForge ? null : believing ? { ...forge, issues: (...asked) => forge.issues(...asked).catch(() => []) } : forge,
    agents: agentsPort(stage, life),
    runLog: runLogPort(life),
    surroundings: surroundingsPort(stage, life),
    notifier: { channelsFor: () => [], tell: async () => '', beat: () => null },
    texts: { shown: (text) => Promise.resolve({ text, left: 0, taken: [], plain: null }), prose: (text) => Promise.resolve(text) },
    clock: clockPort(stage, life),
    log: logPort(stage, life),
  };
}

/** The prompt holds nothing but the messages that come with it. */
const promptOf = (run: Run): string => JSON.stringify((run.tells ?? []).filter(({ via }) => via === 'prompt').map(({ uuid }) => uuid));

function agentsPort(stage: Stage, life: Life): Agents {
  const steered = stage.policy.agent.can.steer !== 'none';
  const line = (said: Line): string | null => (steered ? JSON.stringify(said) : null);
  return {
    prepare: (task, run, _issue, { path }) =>
      life.call('agents.prepare', () => ({
        ...{ run: run.id, task: task.id, argv: ['agent'], env: {}, cwd: path },
        ...{ stdin: { kind: 'fifo', prompt: promptOf(run) }, log: `${run.id}.jsonl`, stderr: `${run.id}.stderr`, note: null },
      })),
    follow: (run) => life.call('agents.follow', () => stage.conversations.follow(run.id, run.stream, stage.timeline.wall())),
    logins: () => life.call('agents.logins', () => 'one login'),
    interrupt: () => line({ kind: 'interrupt' }),
    message: (_run, _text, uuid) => line({ kind: 'message', uuid }),
    forbidTools: (run) => life.call('agents.forbidTools', () => stage.conversations.forbidTools(run.id)),
  };
}

const runLogPort = (life: Life): RunLog => {
  const append = () => life.call('runLog.append', () => undefined);
  return { append, appendOnce: append, name: append };
};

function surroundingsPort(stage: Stage, life: Life): Surroundings {
  return {
    machine: () => life.call('surroundings.machine', () => machineNow(stage)),
    names: stage.names,
    verify: (task, signal) =>
      life.call('surroundings.verify', () => ({ ok: stage.random('verify', task.id, task.runs).chance(0.8), output: 'checked' }), {
        signal,
        limit: 30 * 60_000,
      }),
    publishMetrics: () => life.call('surroundings.publishMetrics', () => undefined),
  };
}

/** As the machine's own: a timer counts from when it was set, whatever the clock on the wall does meanwhile. */
function clockPort({ timeline }: Stage, life: Life): Clock {
  return {
    now: timeline.wall,
    steady: timeline.mono,
    spent: timeline.mono,
    at: (time, wake) => timeline.after(Math.max(0, time - timeline.wall()), () => void (life.isDead() || wake())),
    local: (time) => new Date(time).toISOString().slice(0, 19).replace('T', ' '),
    startOfDay: (time) => time - (time % DAY),
  };
}

/** An error in the daemon's own log is one that nobody foresaw. */
function logPort(stage: Stage, life: Life): Log {
  const tell = (level: string) => (message: string) => {
    if (!life.isDead()) stage.trace(() => `log ${level}: ${message}`);
  };
  return {
    debug: () => undefined,
    info: tell('info'),
    warn: tell('warn'),
    error(message) {
      tell('error')(message);
      if (!life.isDead() && !FORESEEN.test(message)) stage.judge.broken('the daemon makes no mistakes', message);
    },
  };
}

/** Somebody else wrote first; a surface that cannot be written. */
const FORESEEN = /ConflictError|expected (?:at version|to be new)|^(?:tasks\.md|logs|metrics|daemon fact|usage): /;
