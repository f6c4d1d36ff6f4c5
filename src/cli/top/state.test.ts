import { describe, expect, it } from 'vitest';
import { active, failed, pending } from '../../../test/support/world/world.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { StatusReport } from '../../read/status.ts';
import { keysOf } from './keys.ts';
import { windowOf } from './rows.ts';
import { FIRST, type Key, listed, type Pressed, press, type TopState, withReport } from './state.ts';

const report = (ids: readonly TaskId[], daemon = true): StatusReport =>
  ({
    daemon: daemon ? { pid: 1, since: 0, host: 'here' } : null,
    fleet: { pausedAt: null },
    tasks: ids.map((id) => ({ task: id === 'gh-2' ? active(id, 'w-000002') : id === 'gh-3' ? failed(id) : pending(id), run: null })),
  }) as unknown as StatusReport;
const text = (letters: string): Key[] => [...letters].map((letter) => ({ name: 'text', text: letter }));
const key = (name: Exclude<Key['name'], 'text'>): Key => ({ name, text: '' });
const begin = (ids: readonly TaskId[] = ['gh-1', 'gh-2', 'gh-3'], daemon = true): TopState => withReport(FIRST, report(ids, daemon));
function type(state: TopState, ...keys: readonly Key[]): Pressed {
  return keys.reduce<Pressed>((now, one) => press(now.state, one, 10), { state, effect: null });
}

describe('the list', () => {
  it('keeps the selection on its task, whatever happens around it; where it is gone, on what took its place', () => {
    const second = type(begin(), key('down')).state;
    expect(second.selected).toBe('gh-2');
    expect(withReport(second, report(['gh-9', 'gh-3', 'gh-2'])).selected).toBe('gh-2');
    expect(withReport(second, report(['gh-1', 'gh-3'])).selected).toBe('gh-3');
    expect(withReport(second, report([])).selected).toBeNull();
  });
  it('does not leave its ends', () => {
    expect(type(begin(), key('up')).state.selected).toBe('gh-1');
    expect(type(begin(), key('page-down'), key('down')).state.selected).toBe('gh-3');
  });
  it('shows only what is searched for, until Escape', () => {
    const found = type(begin(), ...text('/failed'), key('erase'), key('enter')).state;
    expect(listed(found).map(({ task }) => task.id)).toEqual(['gh-3']);
    expect(found.selected).toBe('gh-3');
    expect(listed(type(found, key('escape')).state)).toHaveLength(3);
  });
});

describe('what ends work', () => {
  it.each([
    ['s', 'stop'],
    ['x', 'kill'],
    ['c', 'cancel'],
  ])('%s asks first, and any other answer than y does nothing', (letter, verb) => {
    const asked = type(begin(), key('down'), ...text(letter));
    expect(asked).toMatchObject({ effect: null, state: { prompt: { kind: 'confirm', verb, task: 'gh-2' } } });
    for (const no of [...text('nq'), key('enter'), key('escape')])
      expect(type(asked.state, no)).toMatchObject({ effect: null, state: { prompt: null } });
    expect(type(asked.state, ...text('y')).effect).toMatchObject({ kind: 'ask', verb, task: 'gh-2' });
  });
  it('means the task that was selected when it asked', () => {
    const asked = type(begin(), key('down'), ...text('s')).state;
    const later = withReport(asked, report(['gh-1', 'gh-3']));
    expect(type(later, ...text('y')).effect).toMatchObject({ task: 'gh-2' });
  });
  it('is not asked for while no daemon runs: nothing is noted for later', () => {
    const alone = begin(['gh-1', 'gh-2'], false);
    for (const letter of 'sxcrRtpP')
      expect(type(alone, ...text(letter))).toMatchObject({ effect: null, state: { prompt: null, notice: { bad: true } } });
  });
});

describe('the rest', () => {
  it('tells what is typed; letters are no commands meanwhile', () => {
    const typed = type(begin(), ...text('tq s'), key('erase'), ...text('x'), key('enter'));
    expect(typed.effect).toMatchObject({ verb: 'tell', task: 'gh-1', args: { text: 'q x' } });
    expect(type(begin(), ...text('t'), key('enter')).effect).toBeNull();
  });
  it('pauses and resumes, the task or the fleet', () => {
    expect(type(begin(), ...text('p')).effect).toMatchObject({ verb: 'pause', task: 'gh-1' });
    expect(type(begin(), ...text('P')).effect).toMatchObject({ verb: 'pause', task: null });
    expect(type(begin(), ...text('R')).effect).toMatchObject({ verb: 'retry', args: { continue: true } });
  });
  it('q closes the transcript, then the screen; Ctrl-C leaves from anywhere', () => {
    const open = type(begin(), key('enter'));
    expect(open.state.open).toBe('gh-1');
    const closed = type(open.state, ...text('q'));
    expect(closed).toMatchObject({ effect: null, state: { open: null } });
    expect(type(closed.state, ...text('q')).effect).toEqual({ kind: 'leave' });
    expect(type(begin(), ...text('t'), key('leave')).effect).toEqual({ kind: 'leave' });
  });
  it('finds in a transcript, further and further back', () => {
    const open = type(begin(), key('enter'), ...text('/x'), key('enter')).state;
    const next = press(open, { name: 'text', text: 'n' }, 10, [3, 8]).state;
    expect(next.back).toBe(3);
    expect(press(next, { name: 'text', text: 'n' }, 10, [3, 8]).state.back).toBe(8);
  });
});

const NO_KEY = Object.fromEntries(
  ['upArrow', 'return', 'escape', 'ctrl', 'meta', 'tab', 'backspace', 'delete'].map((name) => [name, false]),
) as unknown as Parameters<typeof keysOf>[1];

it('keys in quick succession are as many keys', () => {
  expect(keysOf('yes\r', NO_KEY).map(({ name, text }) => text || name)).toEqual(['y', 'e', 's', 'enter']);
  expect(keysOf('q', { ...NO_KEY, meta: true }).map(({ name }) => name)).toEqual(['escape', 'text']);
  expect(keysOf('', { ...NO_KEY, escape: true, meta: true }).map(({ name }) => name)).toEqual(['escape', 'escape']);
  expect(keysOf('\u0007', NO_KEY)).toEqual([]);
});

it('the window holds the selected row, and is as full as it can be', () => {
  expect(windowOf(5, 2, 10)).toEqual({ from: 0, to: 5 });
  expect(windowOf(100, 99, 10)).toEqual({ from: 90, to: 100 });
  expect(windowOf(100, 50, 10)).toEqual({ from: 45, to: 55 });
  expect(windowOf(0, -1, 10)).toEqual({ from: 0, to: 0 });
});
