import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const isRoot = process.getuid?.() === 0;

/** What a test that mounts says in its name. */
export const MOUNTS = 'needs root and the right to mount';

/** A container often has root without that right. */
export function canMount(): boolean {
  if (!isRoot || process.platform !== 'linux') return false;
  const at = mkdtempSync(join(tmpdir(), 'tac8-mount-'));
  try {
    execFileSync('mount', ['--bind', at, at], { stdio: 'ignore' });
    execFileSync('umount', [at]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(at, { recursive: true });
  }
}

/** What it mounted is taken away again with `end`. */
export function mounter(): { mount(...args: string[]): void; end(): void } {
  const mounted: string[] = [];
  return {
    mount(...args) {
      execFileSync('mount', args);
      mounted.push(args.at(-1) ?? '');
    },
    end() {
      for (const at of mounted.splice(0).reverse()) execFileSync('umount', [at]);
    },
  };
}

/** Folders within folders below `folder`, with a file in the last: their path may be longer than a call takes. */
export function nest(folder: string, levels: number, name: string): void {
  const script = 'i=0; while [ $i -lt "$1" ]; do mkdir "$2" && cd -P "./$2" || exit 1; i=$((i+1)); done; echo precious > leaf';
  execFileSync('bash', ['-c', script, 'bash', String(levels), name], { cwd: folder });
}
