import { writeSync } from 'node:fs';
import { LockHeldError, takeLock } from '../../../../src/adapters/store/lock/lock.ts';

/** Takes the lock at the time given and keeps it until stdin ends; says `trying`, then `taken` or who has it. */
const [at = '0', first = '', ...more] = process.argv.slice(2);
while (Date.now() < Number(at));
writeSync(1, 'trying\n');
try {
  const lock = takeLock([first, ...more], Date.now());
  writeSync(1, 'taken\n');
  process.stdin.resume().on('end', () => lock.release());
} catch (error) {
  if (!(error instanceof LockHeldError)) throw error;
  writeSync(1, `${error.message}\n`);
}
