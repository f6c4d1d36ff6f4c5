import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/*
 * A person with four editors and some bad habits (`mixed` in the fourth argument), as a program of its own: `editor.ts PATH COUNT SEED`. With `cut` in it
 * time passes between any two calls of a save. Each edit brings in one word (`E17E`) and is reported on standard output once it is saved. No edit takes out
 * an earlier one: it starts from what is on disk.
 */

const [path = '', count = '0', seed = '1', given = ''] = process.argv.slice(2);
const isCut = given.includes('cut');
const habits = given.replace('cut', '').trim();
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

/** Every call of a save is the last one for a while. */
const nap = new Int32Array(new SharedArrayBuffer(4));
function cut(): void {
  if (isCut && random() < 0.6) Atomics.wait(nap, 0, 0, random() * (random() < 0.1 ? 300 : 12));
}
const after = <T>(value: T): T => {
  cut();
  return value;
};
const open = (file: string, flags: string): number => after(openSync(file, flags));
const write = (file: number, text: string, at?: number): number => after(writeSync(file, text, at));
const close = (file: number): void => after(closeSync(file));
const rename = (from: string, to: string): void => after(renameSync(from, to));
/** As `writeFileSync`: what was there is gone at the opening. */
function put(file: string, text: string): void {
  const to = open(file, 'w');
  write(to, text);
  close(to);
}

const now = (): string => readFileSync(path, 'utf8');
const stamp = (text: string): string => /^\*\*Last updated:.*$/m.exec(text)?.[0] ?? '';
const isIn = (word: string, text: string): boolean => word === '' || text.includes(`${word} `);
const say = (way: string, word: string): boolean => process.stdout.write(`${way} ${word}\n`);
function append(text: string): void {
  const to = open(path, 'a');
  write(to, text);
  close(to);
}
const renamed = (text: string): void => {
  put(`${path}.new`, text);
  rename(`${path}.new`, path);
};

/** No figure of speed: a machine that does ten other things at once writes the board seven times in so long. */
const PATIENCE_MS = 60_000;

/** Waits until the daemon has written, so that nobody's words stand only in what is about to be saved over. */
async function settled(word: string): Promise<string> {
  const before = stamp(now());
  const since = performance.now();
  while (performance.now() - since < PATIENCE_MS) {
    const text = now();
    if (stamp(text) !== before && isIn(word, text)) return text;
    await pause(2);
  }
  throw new Error(`the daemon never wrote ${word}: in it ${isIn(word, now())}, stamp moved ${stamp(now()) !== before}`);
}

/** A file that is open while the daemon replaces it: what is written there late must come in. */
async function appendLate(word: string, besides: () => void): Promise<void> {
  const file = open(path, 'a');
  for (let n = 0; n < 2_000 && statSync(path).ino === fstatSync(file).ino; n += 1) await pause(1);
  if (random() < 0.5) besides();
  write(file, `- ${word} appended late\n`);
  close(file);
  say('late', word);
}

/** A buffer that was loaded a while ago, and is saved two or three times in a row with a line more each time. */
async function outdated(words: readonly string[], lates: string | null): Promise<void> {
  let buffer = await settled(last);
  await settled(last);
  const save = (word: string): void => {
    buffer = change(buffer, word);
    const inPlace = random() >= 0.7;
    if (inPlace) put(path, buffer);
    else renamed(buffer);
    say(inPlace ? 'outdated-in-place' : 'outdated', word);
  };
  const [first = '', ...rest] = words;
  if (lates === null) save(first);
  else await appendLate(lates, () => save(first));
  for (const word of rest) {
    await pause(random() * 120);
    save(word);
  }
}

/** Further ways in which programs put a whole text on disk. */
const WAYS: readonly (readonly [string, (text: string) => void])[] = [
  // vim with a backup: what was there goes away by name, and a new file is made.
  [
    'backup',
    (text) => {
      rename(path, `${path}~`);
      put(path, text);
    },
  ],
  // perl -i, and git where it takes a file out and puts another in.
  [
    'unlink',
    (text) => {
      after(unlinkSync(path));
      put(path, text);
    },
  ],
  // Emacs with break-hardlink backups.
  [
    'link',
    (text) => {
      rmSync(`${path}#`, { force: true });
      after(linkSync(path, `${path}#`));
      renamed(text);
    },
  ],
  // An editor that empties the file and writes it in pieces.
  [
    'pieces',
    (text) => {
      const file = open(path, 'w');
      const half = text.indexOf('\n', text.length / 2) + 1;
      write(file, text.slice(0, half));
      write(file, text.slice(half));
      close(file);
    },
  ],
  // One that writes from the start and cuts what is too much at the end.
  [
    'overwrite',
    (text) => {
      const file = open(path, 'r+');
      write(file, text, 0);
      after(ftruncateSync(file, Buffer.byteLength(text)));
      fsyncSync(file);
      close(file);
    },
  ],
  // Other programs that save for it.
  ['tee', (text) => void execFileSync('tee', [path], { input: text, stdio: ['pipe', 'ignore', 'inherit'] })],
  [
    'cp',
    (text) => {
      put(`${path}.mine`, text);
      execFileSync('cp', [`${path}.mine`, path]);
    },
  ],
  [
    'mv',
    (text) => {
      put(`${path}.mine`, text);
      execFileSync('mv', ['-f', `${path}.mine`, path]);
    },
  ],
  // Without a line end at the end.
  ['no line end', (text) => put(path, text.replace(/\n+$/, ''))],
];

/** The newest word; at first there is none, and any text has it. */
let last = '';
for (let n = 0; n < Number(count); n += 1) {
  const word = `E${n}E`;
  const way = ['rename', 'in-place', 'append', 'sed'][Math.floor(random() * 4)];
  const habit = habits === '' ? 1 : random();
  if (habit < 0.1) {
    await appendLate(word, () => undefined);
    last = word;
    await settled(last);
    continue;
  }
  if (habit < 0.25) {
    const isLate = random() < 0.5;
    const words = [0, 1, 2].map((part) => `E${n}_${part}E`).slice(0, 2 + Math.floor(random() * 2));
    await outdated(words, isLate ? word : null);
    last = words.at(-1) ?? word;
    await settled(last);
    continue;
  }
  if (habit < 0.3) {
    // As `git checkout` does it: the text of a while ago, whole, over everything newer.
    const old = await settled(last);
    await settled(last);
    put(path, old);
    await settled(last);
    continue;
  }
  last = word;
  if (habits !== '' && random() < 0.6) {
    const [name, save] = WAYS[Math.floor(random() * WAYS.length)] ?? ['rename', renamed];
    save(change(now(), word));
    say(name, word);
    await pause(random() * 25);
    continue;
  }
  if (way === 'rename') {
    put(`${path}.new`, change(readFileSync(path, 'utf8'), word));
    rename(`${path}.new`, path);
  } else if (way === 'in-place') put(path, change(readFileSync(path, 'utf8'), word));
  else if (way === 'append') append(`- ${word} appended\n`);
  else execFileSync('sed', ['-i', `s/^## Notes$/&\\n- ${word} by sed/`, path]);
  say(String(way), word);
  await pause(random() * 25);
}
