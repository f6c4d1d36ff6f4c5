import { expect, test } from 'vitest';
import { createDaemonLog } from './daemon-log.ts';

test('a disk that is full ends no daemon: it is told, and the daemon goes on', () => {
  const told: string[] = [];
  const log = createDaemonLog('/dev/full', (level, message) => told.push(`${level} ${message}`));
  log.info('one');
  log.error('two');
  expect(told).toEqual(expect.arrayContaining([expect.stringMatching(/^error \/dev\/full: .*ENOSPC/), 'info one', 'error two']));
});
