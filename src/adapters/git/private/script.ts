/*
 * Everything in a private folder of git is the worker's: its settings name programs, its links lead where they like, its packs may lie. So it is
 * read by a git in a box that sees that folder and the shared objects, read-only, and has no network; what comes out is checked as a stranger's.
 */

/** Runs a script of ours in a box without network that writes nothing. */
export type ReadInBox = (what: {
  readonly show: readonly { readonly from: string; readonly to: string }[];
  readonly script: string;
  readonly args: readonly string[];
  /** An open file: the script's descriptor 3. No file that it writes grows beyond `most` bytes. */
  readonly into: number;
  readonly most: number;
  readonly timeoutMs: number;
}) => Promise<{ readonly code: number | null; readonly out: Buffer; readonly err: string }>;

/** Where the script finds our settings, the commits that are known, and a folder with links to what is shown, and where every box has the shared objects. */
export const REQUEST = '/run/tac8-read';
export const COMMON = 'common';
/** Of git's own folder; its settings are not among it. */
export const SHOWN = ['HEAD', 'objects', 'refs', 'packed-refs', 'logs', 'worktrees', 'shallow'] as const;
export const SHARED = '/run/tac8-git';

/**
 * Arguments: git's folder, the worktree's name in it, the worker's own branch, `all` or `tip`. Each program that it starts is time in which the branch
 * outside is behind: as few as will do.
 */
export const SCRIPT = `echo begin
C=$1 A=$1/worktrees/$2 REF=$3 MODE=$4
export GIT_DIR="$A" GIT_COMMON_DIR=${REQUEST}/${COMMON} GIT_INDEX_FILE=/tmp/index GIT_ALTERNATE_OBJECT_DIRECTORIES=${SHARED}/objects
[ ! -f "$A/index" ] || head -c 536870912 "$A/index" >/tmp/index
[ ! -f "$A/logs/HEAD" ] || tail -c 4194304 "$A/logs/HEAD" >/tmp/log
printf '%s^{commit}\\n' "$REF" HEAD | git cat-file --batch-check='%(objectname) %(objecttype)' >/tmp/ids 2>/dev/null
{ read -r tip kind; [ "$kind" = commit ] || tip=; read -r head kind; [ "$kind" = commit ] || head=; } </tmp/ids
if [ -z "$tip" ] && [ -e "$C/$REF" ]; then echo 'its branch names no commit that is there' >&2; exit 6; fi
on=; [ ! -f "$A/HEAD" ] || read -r on <"$A/HEAD"
{
  echo "tip $tip"; echo "head $head"; echo "on \${on#ref: }"
  git for-each-ref --count=3000 --format='ref %(objectname) %(refname)' refs/heads refs/tags
  [ ! -e "$C/logs/refs/stash" ] || git log -g --max-count=100 --format='stash %H' refs/stash -- 2>/dev/null
} >/tmp/facts
set -- facts; for n in log index; do [ ! -f "/tmp/$n" ] || set -- "$@" "$n"; done
wc -c "$@"; echo; cat "$@"
case $MODE in all) set -- --all --reflog --indexed-objects;; *) set --;; esac
{ for id in $tip $head; do echo "$id"; done; cat ${REQUEST}/known; } |
  git pack-objects -q --revs --local --threads=1 --stdout "$@" >&3 || exit 7
`;

/** What a private folder says of itself. Ids are hex, names are what git lets through; all of it is the worker's word. */
export interface Said {
  readonly tip: string | null;
  readonly head: string | null;
  /** The ref that HEAD stands for. */
  readonly on: string | null;
  readonly refs: ReadonlyMap<string, string>;
  /** The newest first. */
  readonly stash: readonly string[];
  readonly log: Buffer | null;
  readonly index: Buffer | null;
}

const ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const idOf = (word: string | undefined): string | null => (word !== undefined && ID.test(word) ? word : null);

/** Null: the script did not get so far. */
export function readSaid(out: Buffer): Said | null {
  const parts = new Map<string, Buffer>();
  const from = out.indexOf('\n') + 1;
  const to = out.indexOf('\n\n', from);
  if (from === 0 || to < 0) return null;
  let at = to + 2;
  for (const line of out.toString('latin1', from, to).split('\n')) {
    const [, size, name] = /^ *(\d{1,12}) (facts|log|index|total)$/.exec(line) ?? [];
    if (name === undefined) return null;
    if (name === 'total') break;
    parts.set(name, out.subarray(at, at + Number(size)));
    at += Number(size);
  }
  if (at !== out.length) return null;
  const facts = parts.get('facts')?.toString('utf8').split('\n');
  if (facts === undefined) return null;
  const said = (word: string): readonly string[] =>
    facts.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const refs = said('ref').flatMap((line): [string, string][] => {
    const id = idOf(line.split(' ', 1)[0]);
    return id === null ? [] : [[line.slice(id.length + 1), id]];
  });
  return {
    ...{ tip: idOf(said('tip')[0]), head: idOf(said('head')[0]), on: said('on')[0] || null, refs: new Map(refs) },
    ...{ stash: said('stash').filter((id) => ID.test(id)), log: parts.get('log') ?? null, index: parts.get('index') ?? null },
  };
}
