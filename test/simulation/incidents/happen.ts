import type { Daemons } from '../daemons.ts';
import { actAtForge } from '../people/at-the-forge.ts';
import { actAtMachine } from '../people/at-the-machine.ts';
import type { Stage } from '../stage.ts';
import { type Incident, MINUTE } from './incidents.ts';

/** An incident takes place. */
export function happen(stage: Stage, daemons: Daemons, incident: Incident): void {
  if (stage.isCalm()) return;
  stage.trace(() => `* ${JSON.stringify(incident)}`);
  switch (incident.kind) {
    case 'crash':
    case 'lost':
    case 'refuse':
    case 'hang':
    case 'slow':
    case 'partial':
    case 'blind':
    case 'deaf':
    case 'short-of-memory':
      return stage.troubles.begin(incident);
    case 'reboot':
      daemons.kill(incident.down);
      stage.witness.rebooted();
      return stage.kernel.reboot(incident.unlucky);
    case 'store-lost':
      daemons.kill(incident.down);
      return loseStore(stage);
    case 'leave':
      return daemons.leave(incident.drain, incident.down);
    case 'second':
      return daemons.isUp() ? daemons.start() : undefined;
    case 'intruder':
      stage.intruders.push(incident.what);
      return;
    case 'jump':
      return jump(stage, incident.by);
    case 'ring':
      for (let times = 0; times < incident.times; times += 1) daemons.hurry();
      return daemons.wake();
    case 'board':
      return stage.editBoard(incident.edit, incident.pick);
    case 'command':
    case 'stop-file':
    case 'tree-gone':
    case 'signal':
      return actAtMachine(stage, incident);
    default:
      return actAtForge(stage, incident);
  }
}

/** The database is gone, and with it all that anybody had told the daemon; the board, the worktrees and the workers are still there. */
function loseStore(stage: Stage): void {
  const { tasks, runs, history, counters, facts, requests } = stage.contents;
  history.length = 0;
  for (const part of [tasks, runs, counters, facts, requests]) part.clear();
  for (const part of [stage.wishes, stage.foreign]) part.clear();
  stage.bans.liftAll();
  stage.letters.forget();
  stage.witness.forgotten();
  stage.conversations.disturbAll();
}

/** The clock on the wall is set. Time that seems to have passed says nothing of what agents did in it. */
function jump(stage: Stage, by: number): void {
  stage.troubles.end('blind');
  stage.conversations.disturbAll();
  stage.timeline.jump(by);
  stage.waits(MINUTE);
}
