/** git's patch by file: the lines of its hunks, without the heads. */
export function filesIn(patch: string): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, readonly string[]>();
  for (const part of patch.split(/^diff --git /m).slice(1)) {
    const lines = part.replace(/\n$/, '').split('\n');
    const hunks = lines.findIndex((line) => line.startsWith('@@'));
    const head = lines.slice(0, hunks === -1 ? lines.length : hunks);
    const path = pathIn(head);
    if (path !== null) files.set(path, hunks === -1 ? head.filter((line) => line.startsWith('Binary')) : lines.slice(hunks));
  }
  return files;
}

function pathIn(head: readonly string[]): string | null {
  const named = (sign: string): string | undefined =>
    head
      .find((line) => line.startsWith(`${sign} `))
      ?.slice(4)
      .replace(/\t$/, '');
  const after = named('+++');
  const before = named('---');
  const path = after === undefined || after === '/dev/null' ? before : after;
  if (path !== undefined && path !== '/dev/null') return unquoted(path).replace(/^[ab]\//, '');
  // A binary or empty file has no such lines; both names are the same one.
  const [first = ''] = head;
  const half = first.slice(0, (first.length - 1) / 2);
  return half === '' ? null : unquoted(half).replace(/^a\//, '');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

/** git writes names with odd signs in quotes, their bytes in octal. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name;
  const bytes: number[] = [];
  for (const [, octal, sign, plain = ''] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/g)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else bytes.push(...new TextEncoder().encode(sign === undefined ? plain : (ESCAPES[sign] ?? sign)));
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
