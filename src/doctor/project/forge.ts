import type { ForgeExamined } from '../../adapters/github/examine.ts';
import { about, type Finding, type Fix } from '../finding/finding.ts';
import { checkClock } from '../finding/room.ts';

/** What the findings name: where the forge is, the repository, the label, and the variable that the token comes from. */
export interface ForgeNames {
  readonly apiUrl: string;
  readonly repo: string;
  readonly label: string;
  readonly tokenEnv: string;
}

const DAY = 86_400_000;
const FEW_REQUESTS = 200;

/** Reachability, token, rights, label and clock, from one look. */
export function judgeForge(seen: ForgeExamined, names: ForgeNames, makeLabel: Fix['apply'], now: number): readonly Finding[] {
  return [
    ...judgeReach(seen, names),
    ...judgeToken(seen, names, now),
    ...judgeRights(seen, names),
    ...judgeLabel(seen, names, makeLabel),
    ...checkClock(seen.clockOffset),
  ];
}

function judgeReach({ problem, fullName, forkOf, fork, remaining }: ForgeExamined, { apiUrl, repo }: ForgeNames): readonly Finding[] {
  const { ok, warn, bad } = about('github', 'Issues are read there, and pulls and comments go there.');
  if (problem !== null) return [bad(problem.message, problem.hint === '' ? null : problem.hint)];
  const out: Finding[] = [];
  if (fullName !== null && fullName.toLowerCase() !== repo.toLowerCase())
    out.push(warn(`${repo} is called ${fullName} now`, `write \`repo: ${fullName}\` into tac8.yaml, and \`git remote set-url origin …\``));
  else
    out.push(
      ok(`${apiUrl} shows ${fullName ?? repo}${fork === null ? '' : `; pulls are opened there, from branches of ${fork.fullName}`}`),
    );
  if (forkOf !== null)
    out.push(
      warn(
        `${repo} is a fork of ${forkOf}: issues are read in the fork, and pulls stay in it`,
        `write \`repo: ${forkOf}\` into tac8.yaml, if they are meant to be there`,
      ),
    );
  if (remaining !== null && remaining < FEW_REQUESTS)
    out.push(warn(`only ${remaining} requests are left to this token in this hour`, 'wait, or give tac8 a token of its own'));
  return out;
}

function judgeToken({ tokenProblem, problem, login, expiresAt }: ForgeExamined, { tokenEnv }: ForgeNames, now: number): readonly Finding[] {
  const { ok, warn, bad, unknown } = about('token', 'Without a token nothing can be written on GitHub, and little is read.');
  const renew = `make a new token at https://github.com/settings/personal-access-tokens and set ${tokenEnv}, or \`gh auth login\``;
  if (tokenProblem !== null) return [bad(tokenProblem.message, tokenProblem.hint)];
  if (problem !== null && 'status' in problem && problem.status === 401) return [bad('GitHub refuses the token', renew)];
  if (problem !== null) return [unknown('there is a token; GitHub did not say whether it accepts it')];
  const who = login === null ? 'GitHub accepts the token' : `GitHub accepts the token; it speaks for ${login}`;
  if (expiresAt === null) return [ok(who)];
  const days = Math.floor((expiresAt - now) / DAY);
  return [days < 7 ? warn(`${who}; it expires in ${days} days`, renew) : ok(`${who}; it expires in ${days} days`)];
}

function judgeRights(
  { tokenProblem, problem, mayPush, fork, scopes, archived, hasIssues, missing, login, denied }: ForgeExamined,
  { repo }: ForgeNames,
): readonly Finding[] {
  const { ok, warn, bad, unknown } = about('rights', 'tac8 pushes branches, opens pulls and comments on issues.');
  if (tokenProblem !== null || problem !== null) return [unknown('unknown while GitHub does not show the repository to a token')];
  if (archived) return [bad(`${repo} is archived: nobody can write there`, 'unarchive it in its settings')];
  if (!hasIssues) return [bad(`${repo} has its issues switched off`, 'switch them on in its settings')];
  if (missing !== null && missing.length > 0)
    return [
      bad(
        `the GitHub App ${login} lacks rights: ${missing.join(', ')}`,
        'give it these in the App’s settings (Permissions & events), and accept them where it is installed',
      ),
    ];
  if (denied !== null && denied.length > 0)
    return [
      bad(`GitHub lets nothing be written: ${denied.join('; ')}`, 'give the token these rights: write (docs/github.md has the whole list)'),
    ];
  if (mayPush === null) return [unknown('GitHub does not say what this token may do')];
  if (fork?.mayPush === null) return [unknown(`GitHub does not say whether this account may push to ${fork.fullName}`)];
  if (fork?.mayPush === false)
    return [bad(`this account may not push to ${fork.fullName}`, 'give it write access there, or use its owner’s token')];
  if (!mayPush && fork !== null)
    return [
      warn(
        `this account may not write in ${repo}: GitHub does not tell it who may put the label on, so that no issue counts`,
        'give it write access there; or write tasks into tasks.md, whose pulls are opened from the fork all the same',
      ),
    ];
  if (!mayPush)
    return [
      bad(`this account may not push to ${repo}`, 'give it write access in the repository’s settings, or use another account’s token'),
    ];
  if (scopes !== null && scopes.join('') !== '' && !scopes.includes('repo') && !scopes.includes('public_repo'))
    return [bad(`the token’s scopes are ${scopes.join(', ')}: it may not write to repositories`, 'make one with the scope repo')];
  if (denied !== null) return [ok('GitHub lets contents, pulls and issues be written: it was asked for it')];
  return [
    ok(
      fork === null ? 'this account may push, open pulls and comment' : `this account may push to ${fork.fullName}, open pulls and comment`,
    ),
  ];
}

function judgeLabel({ label: seen, problem }: ForgeExamined, { label, repo }: ForgeNames, apply: Fix['apply']): readonly Finding[] {
  const { ok, warn, unknown } = about('label', 'Only issues that bear it are worked on.');
  if (seen === 'there') return [ok(`the label ${label} exists`)];
  if (seen === null)
    return [unknown(problem === null ? `GitHub did not say whether the label ${label} exists` : 'unknown while GitHub does not answer')];
  const fix = { what: `create the label ${label} in ${repo}`, apply };
  return [warn(`${repo} has no label ${label}`, `gh label create ${label} --repo ${repo}`, fix)];
}
