import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/*
 * A person with four editors, as a program of its own: `editor.ts PATH COUNT SEED`. Each edit brings in one word (`E17E`) and is
 * reported on standard output once it is saved. No edit takes out an earlier one: it starts from what is on disk.
 */

const [path = '', count = '0', seed = '1'] = process.argv.slice(2);
let state = Number(seed);
/** A small generator (mulberry32), so that a run can be repeated. */
const random = (): number => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

function change(text: string, word: string): string {
  const lines = text.split('\n');
  const task = lines.findIndex((line) => /^\[\] gh-/.test(line));
  const kind = random();
  if (kind < 0.1 && task !== -1) lines.splice(task, 0, `[] ${word} something to do`);
  else if (kind < 0.4 && task !== -1) lines.splice(task + 1, 0, `- ${word} a note`);
  else lines.splice(lines.indexOf('## Notes') + 1, 0, `- ${word} a thought`);
  return lines.join('\n');
}

for (let n = 0; n < Number(count); n += 1) {
  const word = `E${n}E`;
  const way = ['rename', 'in-place', 'append', 'sed'][Math.floor(random() * 4)];
  if (way === 'rename') {
    writeFileSync(`${path}.new`, change(readFileSync(path, 'utf8'), word));
    renameSync(`${path}.new`, path);
  } else if (way === 'in-place') writeFileSync(path, change(readFileSync(path, 'utf8'), word));
  else if (way === 'append') appendFileSync(path, `- ${word} appended\n`);
  else execFileSync('sed', ['-i', `s/^## Notes$/&\\n- ${word} by sed/`, path]);
  process.stdout.write(`${way} ${word}\n`);
  await pause(random() * 25);
}
