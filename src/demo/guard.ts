/*
 * Loaded before the demo's daemon, which is otherwise started as anybody starts it: a demo that was killed outright cannot end
 * its daemon any more, and then the daemon ends itself. Twice SIGTERM is "leave at once"; the scripted agents end after a minute.
 */
const parent = process.ppid;
const timer = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(timer);
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), 500).unref();
}, 500);
timer.unref();
