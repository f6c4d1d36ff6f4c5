import type { Key as InkKey } from 'ink';
import type { Key, KeyName } from './state.ts';

const NAMES: readonly (readonly [keyof InkKey, KeyName])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['pageUp', 'page-up'],
  ['pageDown', 'page-down'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'escape'],
  ['backspace', 'erase'],
  ['delete', 'erase'],
];

/** What the terminal sent as keys. Keys that were pressed in quick succession come as one text: each letter is one. */
export function keysOf(input: string, key: InkKey): readonly Key[] {
  if (key.ctrl) return input === 'c' ? [{ name: 'leave', text: '' }] : [];
  const named = NAMES.find(([flag]) => key[flag] === true);
  // Escape and the next key in quick succession look like that key with Alt, which means nothing here.
  const first: readonly Key[] = key.meta && (named === undefined || named[1] === 'escape') ? [{ name: 'escape', text: '' }] : [];
  if (named !== undefined) return [...first, { name: named[1], text: '' }];
  if (key.tab) return first;
  const letters = [...input].flatMap((letter): Key[] => {
    if (letter === '\r' || letter === '\n') return [{ name: 'enter', text: '' }];
    if (letter === '\u007f' || letter === '\b') return [{ name: 'erase', text: '' }];
    return letter < ' ' ? [] : [{ name: 'text', text: letter }];
  });
  return [...first, ...letters];
}

/** A pasted text is one line of words, never a command. */
export const pasted = (text: string): Key => ({ name: 'text', text: text.replace(/\s+/g, ' ').replace(/\p{Cc}/gu, '') });
