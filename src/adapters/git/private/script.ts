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

/** Where the script finds our settings and the commits that are known, and where every box has the shared objects. */
export const REQUEST = '/run/tac8-read';
export const SHARED = '/run/tac8-git';

/** Arguments: git's folder, the worktree's name in it, the worker's own branch, `all` or `tip`. */
export const SCRIPT = `echo begin
C=$1 A=$1/worktrees/$2 REF=$3 MODE=$4
mkdir /tmp/c /tmp/w
for n in HEAD objects refs packed-refs logs worktrees shallow; do ln -s "$C/$n" "/tmp/c/$n"; done
cp ${REQUEST}/config /tmp/c/config
export GIT_DIR="$A" GIT_COMMON_DIR=/tmp/c GIT_INDEX_FILE=/tmp/w/index GIT_ALTERNATE_OBJECT_DIRECTORIES=${SHARED}/objects
[ ! -f "$A/index" ] || head -c 536870912 "$A/index" >/tmp/w/index
[ ! -f "$A/logs/HEAD" ] || tail -c 4194304 "$A/logs/HEAD" >/tmp/w/log
id() { git rev-parse --quiet --verify "$1^{commit}" 2>/dev/null || true; }
tip=$(id "$REF") head=$(id HEAD)
if [ -z "$tip" ] && [ -e "$C/$REF" ]; then echo 'its branch names no commit that is there' >&2; exit 6; fi
{
  echo "tip $tip"; echo "head $head"; echo "on $(git symbolic-ref --quiet HEAD)"
  git for-each-ref --count=3000 --format='ref %(objectname) %(refname)' refs/heads refs/tags
  git log -g --max-count=100 --format='stash %H' refs/stash -- 2>/dev/null
} >/tmp/w/facts
for n in facts log index; do
  if [ -f "/tmp/w/$n" ]; then echo "$n $(wc -c <"/tmp/w/$n")"; cat "/tmp/w/$n"; fi
done
case $MODE in all) set -- --all --reflog --indexed-objects;; *) set --;; esac
{ echo "$tip"; echo "$head"; sed 's/^/^/' ${REQUEST}/known; } | grep . |
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
  let at = out.indexOf('\n') + 1;
  while (at < out.length) {
    const end = out.indexOf('\n', at);
    const [, name, size] = /^(facts|log|index) (\d{1,12})$/.exec(out.toString('latin1', at, end)) ?? [];
    if (end < 0 || name === undefined) return null;
    parts.set(name, out.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size);
  }
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
