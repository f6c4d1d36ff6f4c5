import * as z from 'zod/mini';
import { configSchema } from './schema.ts';

type Path = readonly (string | number)[];

/** The names that may stand at a place of the file; none where no mapping belongs. */
export function namesAt(path: Path): readonly string[] {
  const at = path.reduce<unknown>((schema, step) => (typeof step === 'number' ? element(schema) : shape(schema)[step]), configSchema);
  return Object.keys(shape(at));
}

/** What was probably meant by a name that is not known at this place: a neighbour spelled alike, or the same name elsewhere. */
export function meant(name: string, path: Path): string | null {
  const plain = name.toLowerCase().replaceAll(/[-_ ]/g, '');
  const near = namesAt(path)
    .map((known) => ({ known, apart: distance(plain, known.replaceAll('_', '')) }))
    .filter(({ known, apart }) => apart <= (known.length < 5 ? 1 : Math.max(2, Math.floor(known.length / 3))))
    .sort((a, b) => a.apart - b.apart)[0];
  if (near) return near.known;
  const words = name.toLowerCase().split(/[-_ ]+/);
  const longer = namesAt(path).find((known) => words.length > 1 && words.every((word) => known.split('_').includes(word)));
  if (longer !== undefined) return longer;
  const elsewhere = namesAt([]).find((section) => namesAt([section]).some((known) => known === name));
  if (elsewhere !== undefined) return `${elsewhere}.${name}`;
  return namesAt([]).find((known) => path.length > 0 && known === name) ?? null;
}

/** Single letters to add, take out or change on the way from one word to the other (Levenshtein). */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

function shape(schema: unknown): Readonly<Record<string, unknown>> {
  const bare = unwrapped(schema);
  return bare instanceof z.ZodMiniObject ? bare.shape : {};
}

function element(schema: unknown): unknown {
  const bare = unwrapped(schema);
  return bare instanceof z.ZodMiniArray ? bare.def.element : undefined;
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodMiniPrefault || schema instanceof z.ZodMiniOptional ? unwrapped(schema.def.innerType) : schema;
}
