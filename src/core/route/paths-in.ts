/** So many of a text count. */
const MOST = 100;

/** Files and folders that a text names: words with a slash in them or a file's ending. Addresses of the web are none. Pure. */
export function pathsIn(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [word] of text.matchAll(/[\w@+~./:-]{3,300}/g)) {
    if (word.includes('//') || word.startsWith('/')) continue;
    const bare = word
      .replace(/[.:-]{1,300}$/, '')
      .replace(/(?::\d{1,9}){1,2}$/, '')
      .replace(/^\.\//, '');
    if (!/\/|\w\.[A-Za-z]\w{0,9}$/.test(bare)) continue;
    const path = bare.replace(/\/$/, '');
    if (path === '' || path.split('/').includes('..')) continue;
    found.add(path);
    if (found.size === MOST) break;
  }
  return [...found];
}
