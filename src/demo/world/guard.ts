import { endMarkedNow } from '../ground/process-table.ts';
import { endWayOut } from './way-out.ts';

/*
 * Loaded before the demo's daemon, which is otherwise started as anybody starts it. A demo that was killed outright cannot end
 * what it started any more: then the daemon leaves (twice SIGTERM is "leave at once") and, when it can start nothing any more,
 * ends the agents and their way out.
 */
const parent = process.ppid;
const mark = process.env.DEMO_MARK ?? '';
const timer = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(timer);
  process.once('exit', () => {
    if (mark !== '') endMarkedNow(mark);
    endWayOut(process.cwd());
  });
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), 200);
}, 500);
timer.unref();
