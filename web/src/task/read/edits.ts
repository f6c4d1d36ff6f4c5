/** A change of a file that a call asks for. */
export interface Edit {
  readonly path: string | null;
  readonly before: string;
  readonly after: string;
  /** The change as the agent tells it, in the form of `diff -u`; then the two texts are not known. */
  readonly patch?: string;
}

const textIn = (given: Readonly<Record<string, unknown>>, ...names: readonly string[]): string | null => {
  for (const name of names) {
    const value = given[name];
    if (typeof value === 'string') return value;
  }
  return null;
};

/** What a call changes, as its parameters say it: one edit, several, or a file written whole. None: it changes nothing that is known. */
export function editsOf(input: Readonly<Record<string, unknown>>): readonly Edit[] {
  const path = textIn(input, 'file_path', 'path', 'notebook_path');
  const one = editIn(input, path);
  if (one !== null) return [one];
  const { edits, changes } = input;
  // Codex tells each file's change as a patch.
  if (Array.isArray(changes))
    return changes.flatMap((change: unknown) => {
      const given = typeof change === 'object' && change !== null ? (change as Readonly<Record<string, unknown>>) : {};
      const patch = textIn(given, 'diff');
      return patch === null ? [] : [{ path: textIn(given, 'path'), before: '', after: '', patch }];
    });
  if (Array.isArray(edits))
    return edits.flatMap((edit: unknown) =>
      typeof edit === 'object' && edit !== null ? (editIn(edit as Readonly<Record<string, unknown>>, path) ?? []) : [],
    );
  const content = path === null ? null : textIn(input, 'content', 'new_source');
  return content === null ? [] : [{ path, before: '', after: content }];
}

function editIn(given: Readonly<Record<string, unknown>>, path: string | null): Edit | null {
  const [before, after] = [textIn(given, 'old_string', 'oldText'), textIn(given, 'new_string', 'newText')];
  return before === null || after === null ? null : { path: textIn(given, 'path', 'file_path') ?? path, before, after };
}

export interface Line {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** So many equal lines stand around a change. */
const AROUND = 2;
/** Longer texts are not compared line by line: what differs between their common ends is shown whole. */
const MOST_COMPARED = 400;

/** What an edit takes away and puts there, line by line. */
export function linesOf({ before, after, patch }: Edit): readonly Line[] {
  if (patch !== undefined) return split(patch).map(signOf);
  const [old, fresh] = [split(before), split(after)];
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < fresh.length - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const [gone, come] = [old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)];
  const isLong = gone.length > MOST_COMPARED || come.length > MOST_COMPARED;
  const changed = isLong ? [...signed('-', gone), ...signed('+', come)] : compared(gone, come);
  return [
    ...signed(' ', old.slice(Math.max(0, head - AROUND), head)),
    ...changed,
    ...signed(' ', fresh.slice(fresh.length - tail, fresh.length - tail + AROUND)),
  ];
}

const signOf = (line: string): Line =>
  line.startsWith('+') || line.startsWith('-')
    ? { sign: line.startsWith('+') ? '+' : '-', text: line.slice(1) }
    : { sign: ' ', text: line };

const split = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
const signed = (sign: Line['sign'], lines: readonly string[]): readonly Line[] => lines.map((text) => ({ sign, text }));

/** The longest lines that both have in common stay; the rest is taken away or put there. */
function compared(old: readonly string[], fresh: readonly string[]): readonly Line[] {
  const width = fresh.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  for (let o = old.length - 1; o >= 0; o -= 1)
    for (let f = fresh.length - 1; f >= 0; f -= 1) {
      const [below, beside, across] = [(o + 1) * width + f, o * width + f + 1, (o + 1) * width + f + 1];
      common[o * width + f] = old[o] === fresh[f] ? (common[across] ?? 0) + 1 : Math.max(common[below] ?? 0, common[beside] ?? 0);
    }
  const out: Line[] = [];
  for (let [o, f] = [0, 0]; o < old.length || f < fresh.length; ) {
    const [gone, come] = [old[o], fresh[f]];
    if (gone !== undefined && gone === come) {
      out.push({ sign: ' ', text: gone });
      o += 1;
      f += 1;
    } else if (gone !== undefined && (come === undefined || (common[(o + 1) * width + f] ?? 0) >= (common[o * width + f + 1] ?? 0))) {
      out.push({ sign: '-', text: gone });
      o += 1;
    } else {
      out.push({ sign: '+', text: come ?? '' });
      f += 1;
    }
  }
  return out;
}
