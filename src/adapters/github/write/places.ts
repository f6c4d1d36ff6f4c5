/** What stands for a folder of this machine in words that everybody reads. */
export type Place = readonly [folder: string, shown: string];

/**
 * Takes the machine's own folders out of a text: a worktree's path becomes the one in the repository, a home becomes `~`. Workers and git name
 * whole paths, and whose account this runs as is nobody's business there.
 */
export function withoutPlaces(
  text: string,
  { root, trees, home }: { readonly root: string; readonly trees: string; readonly home: string | null },
): string {
  const places: readonly Place[] = [
    [`${root}/${trees}`, ''],
    [root, ''],
    ...(home === null || home === '/' ? [] : ([[home, '~']] as const)),
  ];
  return places.reduce((out, [folder, shown]) => takeOut(out, folder, shown, shown === '' && folder !== root), text);
}

/** `isTree`: the folder below it is a task's own, and is taken out as well. */
function takeOut(text: string, folder: string, shown: string, isTree: boolean): string {
  if (folder === '' || folder === '/') return text;
  let out = '';
  let at = 0;
  for (let found = text.indexOf(folder); found !== -1; found = text.indexOf(folder, at)) {
    const end = found + folder.length;
    const rest = /^(?:\/[\w.-]{1,80})?/.exec(text.slice(end, end + 82))?.[0] ?? '';
    const isWhole = !/[\w.-]/.test(text[end] ?? '') && !/[\w.~-]/.test(text[found - 1] ?? '');
    if (!isWhole) {
      out += text.slice(at, end);
      at = end;
      continue;
    }
    out += text.slice(at, found);
    at = isTree ? end + rest.length : end;
    // `…/src/a.ts` is `src/a.ts` in the repository.
    if (shown !== '') out += shown;
    else if (text[at] === '/' && /[\w.@-]/.test(text[at + 1] ?? '')) at += 1;
    else out += '.';
  }
  return out + text.slice(at);
}
