import { describe, expect, it } from 'vitest';
import { ended, failed, issue, NOW, policy, seen, world } from '../../../test/support/world/world.ts';
import type { Run } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { reconcile } from '../reconcile.ts';
import { whyNever } from './requests.ts';

const waiting = {
  ...failed('gh-7'),
  state: 'pending',
  attempts: 1,
  retryAt: NOW + 60_000,
  last: { type: 'crash', message: 'gone', at: NOW - 100 },
  resume: null,
} as Task;
const last = { ...ended('w-000001', 'gh-7'), state: 'settled' } as Run;

describe('an end that is asked for', () => {
  const stop = (task: Task, at: number): unknown => {
    const requests = [{ id: 1, at, verb: 'stop', task: 'gh-7' as const, args: {} }];
    return reconcile(world({ tasks: [task], runs: [last], issues: seen([issue(7)]), requests }), policy({ slots: 0 }), NOW).commit.answers;
  };
  const stopped = failed('gh-7', { failure: { type: 'stopped', message: 'stop by command', by: 'tac8 stop', at: NOW - 1_000 } });

  it('is answered by what ended the task since, also where the clock was set back meanwhile', () => {
    expect(stop(stopped, NOW - 2_000)).toMatchObject([{ ok: true, message: expect.stringContaining('stopped') }]);
    expect(stop(stopped, NOW + 300_000)).toMatchObject([{ ok: true, message: expect.stringContaining('stopped') }]);
  });

  it('is refused where the task had ended before, whoever ended it', () => {
    expect(stop(stopped, NOW - 500)).toMatchObject([{ ok: false, message: 'gh-7 is not running: it is failed' }]);
    const crashed = { ...stopped, failure: { type: 'crash', message: 'gone', at: NOW - 1_000 } } as Task;
    expect(stop(crashed, NOW + 300_000)).toMatchObject([{ ok: false }]);
  });

  it('cannot come to anything without a daemon where nothing runs or waits, or nobody knows the task', () => {
    expect(whyNever('retry', 'gh-99', null)).toBe('there is no task gh-99');
    expect(whyNever('kill', 'gh-7', stopped)).toBe('gh-7 is not running: it is failed');
    expect(whyNever('retry', 'gh-7', stopped)).toBeNull();
    expect(whyNever('stop', 'gh-7', waiting)).toBeNull();
  });
});
