import { filtersLeftOut, leftOutRemedy, leftOutWords } from '../../adapters/git/view/filters.ts';
import { about, type Finding } from '../finding/finding.ts';

/** Filters of git (LFS, git-crypt) that the repository names and tac8 does not run. */
export async function checkFilters(root: string, gitDir: string, allowed: readonly string[]): Promise<readonly Finding[]> {
  const { ok, warn } = about('filters', 'A filter is a program that git runs on files; every worker can name one in the repository.');
  const leftOut = await filtersLeftOut(root, gitDir, allowed);
  if (leftOut.length > 0) return [warn(leftOutWords(leftOut), leftOutRemedy(leftOut))];
  return [ok(allowed.length === 0 ? 'no filter is run' : `allowed: ${allowed.join(', ')}`)];
}
