import { readFileSync, statSync } from 'node:fs';

/**
 * The process that holds a POSIX record lock on the file, as the kernel lists it in /proc/locks; null where there is
 * no such list, no such lock, or the holder is in a PID namespace that is not shown here.
 *
 *     12: POSIX  ADVISORY  WRITE 4711 fe:01:1234567 1073741824 1073742335
 */
export function lockOwner(path: string): number | null {
  try {
    const { ino } = statSync(path, { bigint: true });
    // By inode alone: overlay and btrfs report another device number in stat than in this list.
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, kind, , mode, pid, place] = line.trim().split(/\s+/);
      if (kind !== 'POSIX' || mode !== 'WRITE' || place?.split(':')[2] !== String(ino)) continue;
      return Number(pid) > 0 ? Number(pid) : null;
    }
    return null;
  } catch {
    // Not Linux, or hidden from us: then only the note can tell.
    return null;
  }
}
