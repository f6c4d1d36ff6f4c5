import { type ErrorSort, PortError } from '../../../engine/ports/error.ts';

interface Sorted {
  readonly words: RegExp;
  readonly sort: ErrorSort;
  readonly hint: string;
}

/** What GitHub refuses a push for, and what helps. */
const REFUSALS: readonly Sorted[] = [
  {
    words: /refusing to allow .{0,80} to create or update workflow/i,
    sort: 'terminal',
    hint: 'The token may not change workflows: give it that right (`workflow`, or workflows: write), or take the change out of the branch.',
  },
  {
    words: /GH001|exceeds GitHub's file size limit|exceeds the maximum (?:allowed )?(?:file|blob) size/i,
    sort: 'terminal',
    hint: 'A file in the commits is larger than the remote takes: take it out of all of them, or keep it with git-lfs.',
  },
  {
    words: /push protection|secret scanning|Push cannot contain secrets/i,
    sort: 'terminal',
    hint: 'A commit holds what looks like a secret: make that secret void and take it out of the commits, or allow it where the message says.',
  },
  {
    words: /GH007|(?:author|committer) email|email address pattern/i,
    sort: 'terminal',
    hint: 'A rule wants another author of the commits: set `git.author` in tac8.yaml, and write the commits anew with it.',
  },
  {
    words: /was archived so it is read-only|repository (?:is|has been) archived/i,
    sort: 'terminal',
    hint: 'The repository is archived: nothing can be pushed until somebody unarchives it.',
  },
  {
    words: /GH006|protected branch/i,
    sort: 'terminal',
    hint: 'The branch is protected: choose another `branch_prefix`, or let the login push to it.',
  },
  {
    words: /GH013|repository rule violations/i,
    sort: 'terminal',
    hint: 'A rule of the repository refuses the push: the message names it; change the rule, or what it refuses.',
  },
];

/** The last is what git says where it writes a pack. */
export const FULL_DISK = /No space left on device|Disk quota exceeded|Out of diskspace/i;

/** First match wins. The words are those of git under LC_ALL=C. */
const TABLE: readonly Sorted[] = [
  {
    words: /already checked out at|already used by worktree at/,
    sort: 'terminal',
    hint: 'Switch the other worktree to another branch, or remove it with `git worktree remove`.',
  },
  ...REFUSALS,
  {
    // Of two pushes at once, or of one that was sent again because its answer was lost.
    words: /cannot lock ref '[^']*': (?:reference already exists|is at [0-9a-f]+ but expected)/,
    sort: 'retryable',
    hint: 'The remote’s branch changed at that very moment: tac8 looks again.',
  },
  {
    words: /\[rejected\]|non-fast-forward|fetch first/,
    sort: 'terminal',
    hint: 'The remote’s branch has commits that are not here: fetch and merge them in the worktree, then retry.',
  },
  {
    words: /\[remote rejected\]|pre-receive hook declined|protected branch/,
    sort: 'terminal',
    hint: 'The remote refuses this push: look at its branch rules and hooks.',
  },
  {
    words: /'lfs' is not a git command/,
    sort: 'terminal',
    hint: 'Install git-lfs where the daemon runs, or take lfs out of `git.filters` in tac8.yaml.',
  },
  {
    // Nothing is wrong with the work: it goes on by itself once the login is mended.
    words: /Authentication failed|could not read (Username|Password)|returned error: 401|HTTP 401|Invalid username or (password|token)/i,
    sort: 'retryable',
    hint: 'The remote does not accept the login: check the token, or the ssh key of whoever runs the daemon. tac8 tries again.',
  },
  {
    words: /Host key verification failed/i,
    sort: 'retryable',
    hint: 'ssh does not know this host: connect to it once by hand, as whoever runs the daemon. tac8 tries again.',
  },
  {
    words: /mismatched algorithms|does not support this repository's hash algorithm/i,
    sort: 'terminal',
    hint: 'This repository and the remote name objects by different sums (sha1, sha256): clone the remote anew and work there.',
  },
  {
    words: /Permission denied|returned error: 403|HTTP 403/i,
    sort: 'terminal',
    hint: 'The remote does not allow this to the login: check what the token or the ssh key of whoever runs the daemon may do.',
  },
  {
    words: /repository .*not found|returned error: 404|does not appear to be a git repository|No such remote/i,
    sort: 'terminal',
    hint: 'Check the address of the remote with `git remote -v`, and whether the login may see it.',
  },
  {
    words: /couldn't find remote ref/i,
    sort: 'terminal',
    hint: 'The remote has no such branch: set base_branch in tac8.yaml to one that it has.',
  },
  {
    words: /returned error: 30\d|redirect/,
    sort: 'terminal',
    hint: 'The repository has moved: give its new address with `git remote set-url`.',
  },
  {
    words: /dubious ownership/,
    sort: 'terminal',
    hint: 'Run the daemon as the user who owns the repository.',
  },
  { words: /not a git repository/i, sort: 'terminal', hint: 'Start tac8 inside a git repository, or make one with `git init`.' },
  {
    words: /Unable to create '.*\.lock'|could not lock|unable to lock|cannot lock ref '.*': Unable to create/i,
    sort: 'retryable',
    hint: 'Another git is at work, or one died and left a lock file. tac8 tries again; remove the lock if it stays.',
  },
  {
    words: /cannot lock ref|cannot create.*refs\/heads|exists; cannot create/,
    sort: 'terminal',
    hint: 'A branch of that name, or of a part of it, is in the way: rename it, or choose another branch_prefix.',
  },
  {
    words: /out of memory|memory exhausted|Cannot allocate memory/i,
    sort: 'terminal',
    hint: 'Git got no more memory: a commit of this branch names more, or larger, files than git can look at here. Take them out of it, then retry.',
  },
  { words: FULL_DISK, sort: 'retryable', hint: 'The disk is full: make room. tac8 tries again.' },
  {
    words:
      /Could not resolve host|Connection (refused|reset|timed out|closed)|Operation timed out|Failed to connect|unable to access|early EOF|hung up unexpectedly|returned error: (5\d\d|429)|Could not read from remote|Network is unreachable|RPC failed/i,
    sort: 'retryable',
    hint: 'The remote does not answer. tac8 tries again.',
  },
  {
    words: /not a valid object name|invalid reference|unknown revision|bad revision|is not a commit/i,
    sort: 'terminal',
    hint: 'The branch or commit is not in this repository: check base_branch, and fetch.',
  },
];

/** A PortError with git's own words, sorted by what they say; `unknown` where they say nothing we know. */
export function sortGitFailure(
  args: readonly string[],
  output: { readonly code: number; readonly stderr: string; readonly stdout: string },
): PortError {
  // A push tells on stdout what became of each ref.
  const parts = output.stderr.trim() === '' || args[0] === 'push' ? [output.stderr, output.stdout] : [output.stderr];
  const said = parts.join('\n').trim();
  const row = TABLE.find(({ words }) => words.test(`${output.stderr}\n${output.stdout}`));
  const message = `git ${args.slice(0, 2).join(' ')} failed (${output.code}): ${clip(said)}`;
  return new PortError(row?.sort ?? 'unknown', message, { hint: row?.hint ?? '' });
}

function clip(text: string): string {
  // ssh ends its lines as a terminal wants it.
  const words = text
    .replaceAll('\r\n', '\n')
    .replaceAll(/^(hint|warning): .*\n?/gm, '')
    .trim();
  return words.length > 1500 ? `${words.slice(0, 1500)}…` : words;
}
