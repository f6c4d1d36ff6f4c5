import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { parseBoard } from './parse.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heap = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1024 ** 2;
};

test('a document that is read on from text to text holds none of the texts before', () => {
  const prose = 'A person wrote this line, which belongs to nothing.\n'.repeat(4_000);
  const tasks: string[] = [];
  let doc = parseBoard('');
  const before = heap();
  for (let n = 1; n <= 200; n += 1) {
    tasks.push(`[] gh-${n}: A task with a title that is worth to be kept, number ${n}\n- and a line below it that is long, too\n`);
    doc = parseBoard(`## Pending\n${tasks.join('')}\n## Notes\n${prose}${n}\n`);
  }
  expect(doc.nodes.filter(({ kind }) => kind === 'task')).toHaveLength(200);
  // One text has 0.2 MiB; those of all rounds would be 40.
  expect(heap() - before).toBeLessThan(15);
});
