import { type BoardBase, type BoardMemory, NO_MEMORY } from '../line/base.ts';
import { conflictProblems, problemsOf } from '../line/lint.ts';
import { LONG, shownAs } from '../line/shown.ts';
import { type MergeNote, mergeBoards } from '../merge/merge.ts';
import type { HeadingNames } from '../text/heading.ts';
import { renamedHeadings } from '../text/names.ts';
import { type BoardDoc, parseBoard } from '../text/parse.ts';
import { generationOf, versionOf } from '../text/version.ts';
import type { BoardIntent } from '../text/view.ts';
import { type Hold, holdOld, holdRemoval, holdText, settleStampConflicts } from './hold.ts';
import { intentsOf, strangersIn } from './intents.ts';
import { takeShort } from './take-short.ts';
import type { TakenIn } from './taken-in.ts';

/** Texts that the file is known to have held, by the version that stands in them: as written, then as people saved it. */
export type Versions = (version: string) => readonly string[];

/** The file as a person's version of the base. */
export interface Theirs {
  /** The base that the file came from: the one stored, or the one that was being written when the daemon died. */
  readonly base: { readonly text: string | null; readonly memory: BoardMemory };
  /** Both, where a crash left it open and the file does not tell. */
  readonly other: { readonly text: string | null; readonly memory: BoardMemory } | null;
  /** The file's text; for one saved from an older version, that person's changes brought onto the base. */
  readonly text: string;
  readonly hold: Hold | null;
  readonly notes: readonly MergeNote[];
}

/** Finds out which version the file came from and what of it is a person's. `accept`: a person said that the held edit is meant. */
export function theirsOf(stored: BoardBase, file: string, older: Versions, accept = false): Theirs {
  // What has been taken in already was held by nothing, and is of the newest version.
  if (file === stored.text && stored.next === undefined)
    return { base: { text: stored.text, memory: stored.memory ?? NO_MEMORY }, other: null, text: file, hold: null, notes: [] };
  const text = settleStampConflicts(file);
  const { base, other } = chooseBase(stored, text);
  const result = { base, other, text, hold: null, notes: [] };
  const hold = holdText(base.text, text);
  if (hold !== null && !(accept && hold.kind === 'empty')) return { ...result, hold };
  if (base.text === null || accept) return result;
  const version = versionOf(text);
  const current = version === null || generationOf(text) === generationOf(base.text);
  const from = current ? base.text : closest(older(version), text);
  if (from === undefined) return { ...result, hold: holdUnknown(base, text, version ?? '') };
  const { names } = base.memory;
  const removal = from === text ? null : holdRemoval(parseBoard(from, names), parseNow(from, text, base.memory));
  if (removal !== null) return { ...result, hold: removal };
  if (from === base.text) return result;
  const rebased = mergeBoards(from, text, base.text, names);
  return { ...result, text: rebased.text, notes: rebased.notes };
}

/**
 * Which of several texts an edit was made from: the one of which it takes the least away, then the one to which it adds the least.
 * Two editors may hold the same version, one with and one without what the other saved.
 */
export function closest(texts: readonly string[], edited: string): string | undefined {
  if (texts.length < 2) return texts[0];
  const lines = new Set(edited.split('\n'));
  const cost = (text: string): number => {
    const theirs = text.split('\n');
    return theirs.filter((line) => !lines.has(line)).length * 1_000_000 - theirs.length;
  };
  return texts.reduce((best, text) => (cost(text) < cost(best) ? text : best));
}

function chooseBase(stored: BoardBase, text: string): Pick<Theirs, 'base' | 'other'> {
  const first = { text: stored.text, memory: stored.memory ?? NO_MEMORY };
  const { next } = stored;
  if (next === undefined || text === stored.text) return { base: first, other: null };
  if (text === next.text) return { base: next, other: null };
  const [version, then, now] = [generationOf(text), generationOf(stored.text), generationOf(next.text)];
  if (version !== null && then !== now) {
    if (version === now) return { base: next, other: null };
    if (version === then) return { base: first, other: null };
  }
  return { base: next, other: first };
}

const parseNow = (from: string, text: string, memory: BoardMemory) => {
  const base = parseBoard(from, memory.names);
  return parseBoard(text, renamedHeadings(base, parseBoard(text, memory.names)));
};

/** A version that nobody here wrote: new lines and prose are taken from it, anything that could undo something is asked about. */
function holdUnknown(base: Theirs['base'], text: string, version: string): Hold | null {
  const doc = parseBoard(base.text ?? '', base.memory.names);
  const now = parseNow(base.text ?? '', text, base.memory);
  const risky = intentsOf(doc, now, base.memory).some(
    (intent) => intent.kind !== 'add' || intent.number !== null || intent.task !== undefined,
  );
  return risky ? holdOld(version) : holdRemoval(doc, now);
}

/** Everything that a person's edit says: intents, unreadable lines, and the base to go on from. Pure. `file` null: there is none. */
export function takeIn(stored: BoardBase, file: string | null, older: Versions, accept = false): TakenIn {
  if (file === null) return { intents: [], problems: [], notes: [], hold: null, base: stored };
  const shown = accept || stored.text === null ? null : shownAs(stored.text, (stored.memory ?? NO_MEMORY).names);
  const short = shown === null ? null : takeShort(shown, stored, file, LONG, (base, text) => takeWhole(base, text, older));
  return short ?? takeWhole(stored, file, older, accept);
}

/** The same, with every line looked at. */
export function takeWhole(stored: BoardBase, file: string, older: Versions, accept = false): TakenIn {
  const theirs = theirsOf(stored, file, older, accept);
  const problems = [...conflictProblems(file), ...problemsOf(parseBoard(file, theirs.base.memory.names))];
  if (theirs.hold !== null) {
    const { message, hint } = theirs.hold;
    return { intents: [], problems: [{ line: 0, message, hint }, ...problems], notes: [], hold: theirs.hold, base: stored };
  }
  const { base, intents } = readEdit(theirs.base, theirs.text);
  const agreed = theirs.other === null ? intents : inBoth(intents, readEdit(theirs.other, theirs.text).intents);
  const given = stored.given === undefined ? {} : { given: stored.given };
  return { intents: agreed, problems, notes: theirs.notes, hold: null, base: { ...base, ...given } };
}

function readEdit(base: Theirs['base'], text: string): { base: BoardBase; intents: readonly BoardIntent[] } {
  if (text === base.text) return { base, intents: [] };
  const before = parseBoard(base.text ?? '', base.memory.names);
  const names = renamedHeadings(before, parseBoard(text, base.memory.names));
  const now = parseBoard(text, names);
  return { base: { text, memory: remember(base.memory, before, now, names) }, intents: intentsOf(before, now, base.memory) };
}

/** What the daemon has to know of lines that it did not write: new ones are a person's, and a title they changed was once its own. */
function remember(memory: BoardMemory, before: BoardDoc, now: BoardDoc, names: HeadingNames): BoardMemory {
  const { came, retitled } = strangersIn(before, now);
  const strangers = [...new Set([...(memory.strangers ?? []), ...came])];
  const lines = { ...memory.lines };
  for (const { id, section, title } of retitled) if (!strangers.includes(id)) lines[id] ??= { section, title, details: [] };
  return { ...memory, names, strangers, lines };
}

/** Where a crash left open which version the file came from, only what is an edit of both is an edit. */
function inBoth(one: readonly BoardIntent[], two: readonly BoardIntent[]): BoardIntent[] {
  const known = new Set(two.map((intent) => JSON.stringify(intent)));
  return one.filter((intent) => known.has(JSON.stringify(intent)));
}
