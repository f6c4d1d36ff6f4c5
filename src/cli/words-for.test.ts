import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PortError } from '../engine/ports/error.ts';
import { wordsFor } from './words-for.ts';

const thrown = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it threw nothing');
};

test('a full disk is told in words, with the file and what to do', () => {
  const { message, details } = wordsFor(thrown(() => writeFileSync('/dev/full', 'x')));
  expect(message).toMatch(/^(\/dev\/full|a file of tac8) cannot be written: no space is left on the disk \(ENOSPC\)$/);
  expect(details).toContain('`df -h`');
});

test('a file of another user is told in words', () => {
  const error = Object.assign(new Error('EACCES: permission denied, stat'), { code: 'EACCES', path: '/x/.tac8/lock.db' });
  const { message, details } = wordsFor(error);
  expect(message).toBe('this user has no access to /x/.tac8/lock.db (EACCES)');
  expect(details).toContain('the user that runs the daemon');
});

test('what has words and a hint of its own keeps them', () => {
  expect(wordsFor(new PortError('terminal', 'so it is', { hint: 'do this' }))).toEqual({ message: 'so it is', details: 'do this' });
  expect(wordsFor(new Error('plain'))).toEqual({ message: 'plain', details: '' });
  expect(wordsFor('text')).toEqual({ message: 'text', details: '' });
});
