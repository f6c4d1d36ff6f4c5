import type { Run } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import { sanitiseLine } from '../words/sanitise.ts';
import { type ChecksSummary, wordOf } from './checks.ts';
import type { PullSights } from './pull-sights.ts';

/** What shows that a task is done, taken from git, the forge and the agent's calls: nobody's word counts, and no model is asked. */
export interface Evidence {
  /** The heads that should be one: what was pushed, what the worktree had, what the pull has. Null: not known. */
  readonly pushed: string | null;
  readonly worktree: string | null;
  readonly pull: string | null;
  /** The newest tests that the agent ran; `fresh`: nothing that changes files was seen after they began; `ok` null: their command hides it. */
  readonly tests: { readonly command: string; readonly fresh: boolean; readonly ok: boolean | null } | null;
  /** The agent's calls were seen, so that tests would have been. */
  readonly seesCalls: boolean;
  /** `pulls.verify`; null: not run. */
  readonly verified: boolean | null;
  /** Of the commit that was pushed; null: nothing is known of it. */
  readonly checks: ChecksSummary | null;
  readonly files: { readonly names: readonly string[]; readonly count: number } | null;
  /** In no commit: the first names, and how many. */
  readonly left: { readonly names: readonly string[]; readonly count: number } | null;
}

export function evidenceOf(
  task: Pick<Task, 'id' | 'pull'>,
  { settlement, stream }: Pick<Run, 'settlement' | 'stream'>,
  sights: PullSights,
): Evidence {
  const { pushed, inspection, verified } = settlement;
  const seen = task.pull === null ? undefined : sights.get(task.pull.number);
  const sight = seen?.task === task.id ? seen : undefined;
  const { tests, edits } = stream.proof ?? {};
  return {
    pushed: pushed?.commit ?? null,
    worktree: inspection?.head ?? null,
    pull: sight?.commit ?? null,
    tests: tests === undefined ? null : { command: tests.command, fresh: tests.edits === edits, ok: tests.ok },
    seesCalls: stream.proof !== undefined,
    verified: verified?.ok ?? null,
    checks: sight !== undefined && sight.commit === pushed?.commit ? (sight.checks?.summary ?? null) : null,
    files: inspection?.files ?? null,
    left: inspection?.left ?? null,
  };
}

/** Whether the heads that are known are one; null: fewer than two are. */
export function headsAgree({ pushed, worktree, pull }: Evidence): boolean | null {
  const known = [pushed, worktree, pull].filter((head) => head !== null);
  return known.length < 2 ? null : new Set(known).size === 1;
}

export interface EvidenceWords {
  readonly name: 'heads' | 'tests' | 'checks' | 'files';
  readonly ok: boolean;
  readonly text: string;
}

/** The same in words, what is known alone; names of files and commands are the agent's. */
export function evidenceWords(evidence: Evidence): readonly EvidenceWords[] {
  const { checks, files } = evidence;
  const agree = headsAgree(evidence);
  return [
    ...(agree === null ? [] : [{ name: 'heads', ok: agree, text: headWords(evidence, agree) } as const]),
    ...testWords(evidence),
    ...(checks === null ? [] : [{ name: 'checks', ok: ['passed', 'none'].includes(wordOf(checks)), text: checksWords(checks) } as const]),
    ...(files === null ? [] : [{ name: 'files', ok: true, text: `it changes ${named(files)}` } as const]),
  ];
}

const short = (head: string | null): string => head?.slice(0, 7) ?? '?';

function headWords({ pushed, worktree, pull }: Evidence, agree: boolean): string {
  if (agree)
    return `${pull === null ? 'what was pushed is' : 'the head of the pull request is'} the head of the worktree: ${short(worktree ?? pushed)}`;
  return `the heads differ: pushed ${short(pushed)}, worktree ${short(worktree)}${pull === null ? '' : `, pull request ${short(pull)}`}`;
}

function testWords({ tests, verified, seesCalls }: Evidence): readonly EvidenceWords[] {
  const own = verified === null ? [] : [{ name: 'tests', ok: verified, text: `pulls.verify ${verified ? 'passed' : 'failed'}` } as const];
  if (tests === null)
    return own.length > 0 || !seesCalls ? own : [{ name: 'tests', ok: false, text: 'no tests were seen among the agent’s calls' }];
  const when = tests.fresh ? 'after the last change that was seen' : 'before the last change that was seen';
  const how = tests.ok === null ? 'their end is hidden by the command' : tests.ok ? 'they passed' : 'they failed';
  return [
    ...own,
    {
      name: 'tests',
      ok: tests.fresh && tests.ok === true,
      text: `the agent ran tests ${when}, ${how}: ${sanitiseLine(tests.command, 120)}`,
    },
  ];
}

function checksWords({ passed, failing, running, failingNames }: ChecksSummary): string {
  const parts = [
    `${passed} passed`,
    ...(failing > 0
      ? [
          `${failing} failing (${failingNames
            .slice(0, 3)
            .map((name) => sanitiseLine(name, 60))
            .join(', ')})`,
        ]
      : []),
    ...(running > 0 ? [`${running} running`] : []),
  ];
  return `checks of that commit: ${passed + failing + running === 0 ? 'none' : parts.join(', ')}`;
}

function named({ names, count }: { readonly names: readonly string[]; readonly count: number }): string {
  const first = names.map((name) => sanitiseLine(name, 100)).join(', ');
  return `${count} ${count === 1 ? 'file' : 'files'}: ${first}${count > names.length ? ', …' : ''}`;
}
