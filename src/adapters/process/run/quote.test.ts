import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PortError } from '../../../engine/ports/error.ts';
import { quoteLaunch, quoteWord } from './quote.ts';

const shells = ['/bin/sh', '/bin/bash', '/bin/busybox'].filter(
  (path) => spawnSync(path, ['true'], { stdio: 'ignore' }).error === undefined,
);

it.each(shells)('what is quoted reads back byte for byte in %s', (shell) => {
  const word = fc.string({ unit: fc.constantFrom(...'a \'"\\$`\n\t\r*?[]{}()<>|&;#~!=-%é🙂\u0001') });
  const prefix = shell.endsWith('busybox') ? ['sh'] : [];
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), word, (argv, value) => {
      const script = `${quoteLaunch({ tac8__x: value }, argv)}printf '%s\\0' "$tac8__x" "$@"`;
      const { stdout } = spawnSync(shell, [...prefix, '-c', script], { env: {} });
      expect(stdout).toEqual(Buffer.from([value, ...argv].map((text) => `${text}\0`).join('')));
    }),
    { numRuns: 60 },
  );
});

it('refuses what no argument can hold', () => {
  expect(() => quoteWord('a\0b')).toThrow(PortError);
});
