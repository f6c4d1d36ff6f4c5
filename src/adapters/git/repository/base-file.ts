import type { Git } from '../call/git.ts';
import { type Repository, utf8 } from './repository.ts';

const LONGEST = 64 * 1024;

/** Where GitHub looks for a repository's template, in this order; upper and lower case are the same to it. */
export const TEMPLATE_FOLDERS = ['.github', '.', 'docs'] as const;
export const isTemplate = (name: string): boolean => /^pull_request_template\.(?:md|txt)$/i.test(name);

/** The text of the first file of that kind in one of the folders, as a commit has it; null: there is none, or it cannot be read. */
export async function fileAt(
  git: Git,
  repository: Repository,
  commit: string,
  folders: readonly string[],
  isWanted: (name: string) => boolean,
): Promise<string | null> {
  for (const folder of folders) {
    const prefix = folder === '.' ? '' : `${folder}/`;
    const { stdout } = await git(['ls-tree', '-l', '-z', commit, ...(prefix === '' ? [] : ['--', prefix])], {
      cwd: repository.root,
      codes: [0, 128],
    });
    for (const entry of stdout.split('\0')) {
      const [, id = '', size = '', path = ''] = /^100\d{3} blob ([0-9a-f]{40,64}) +(\d+)\t(.*)$/s.exec(entry) ?? [];
      if (id === '' || Number(size) > LONGEST || !isWanted(path.slice(prefix.length))) continue;
      const { code, stdout: text } = await git(['cat-file', 'blob', id], { cwd: repository.root, codes: [0, 128] });
      if (code === 0) return utf8(text);
    }
  }
  return null;
}
