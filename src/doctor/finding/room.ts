import { about, type Finding } from './finding.ts';

/** What a file system says of itself. */
export interface Disk {
  /** Its magic number, as statfs tells. */
  readonly type: number;
  readonly freeBytes: number;
  /** Null where it keeps no count. */
  readonly freeFiles: number | null;
}

const MIB = 1024 ** 2;
const size = (bytes: number): string => (bytes >= 1024 * MIB ? `${(bytes / 1024 / MIB).toFixed(1)} GiB` : `${Math.round(bytes / MIB)} MiB`);

/** SQLite's locks and the exchange of files do not hold on these. */
const REMOTE: Readonly<Record<number, string>> = {
  26985: 'NFS',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  20859: 'SMB',
  16914839: '9p (a Windows or virtual machine’s shared folder)',
  1702057286: 'FUSE',
};
const FEW_FILES = 10_000;

/** Room and kind of the file system that the repository is on. `needed`: limits.min_free_disk. */
export function checkDisk(disk: Disk, root: string, needed: number): readonly Finding[] {
  const { ok, warn, bad } = about('disk', 'Below limits.min_free_disk nothing new starts; on a full disk agents fail.');
  const out: Finding[] = [];
  const free = `${size(disk.freeBytes)} free at ${root}`;
  const clean = 'make room; `tac8 clean` shows what of tac8 can go';
  if (disk.freeBytes < needed) out.push(bad(`only ${free}; limits.min_free_disk is ${size(needed)}`, clean));
  else if (disk.freeBytes < 2 * needed) out.push(warn(`${free}; nothing new starts below ${size(needed)}`, clean));
  else out.push(ok(free));
  if (disk.freeFiles !== null && disk.freeFiles < FEW_FILES) out.push(warn(`only ${disk.freeFiles} more files fit on it (inodes)`, clean));
  const remote = REMOTE[disk.type >>> 0];
  if (remote !== undefined) out.push(checkFileSystem(remote));
  return out;
}

const checkFileSystem = (kind: string): Finding =>
  about('file-system', 'Locks and the atomic exchange of files are not dependable over a network.').warn(
    `the repository is on ${kind}`,
    'clone it onto a local disk',
  );

/** `needed`: limits.min_free_memory. */
export function checkMemory(freeBytes: number, needed: number): readonly Finding[] {
  const { ok, warn } = about('memory', 'Below limits.min_free_memory nothing new starts.');
  if (freeBytes >= needed) return [ok(`${size(freeBytes)} of memory are free`)];
  return [
    warn(
      `only ${size(freeBytes)} of memory are free; limits.min_free_memory is ${size(needed)}`,
      'end other programs, or lower limits.min_free_memory and max_concurrent_workers',
    ),
  ];
}

const SECOND = 1000;

/** `offset`: this machine's clock less the forge's, in ms; null: it was not told. */
export function checkClock(offset: number | null): readonly Finding[] {
  const { ok, warn, bad, unknown } = about(
    'clock',
    'Retries, limits and the order of labels go by time; GitHub refuses logins from a wrong clock.',
  );
  if (offset === null) return [unknown('the forge has not said what time it is')];
  const words = `${Math.round(Math.abs(offset) / SECOND)} s ${offset > 0 ? 'ahead of' : 'behind'} the forge’s`;
  if (Math.abs(offset) < 30 * SECOND)
    return [ok(`this machine’s clock agrees with the forge’s within ${Math.max(1, Math.ceil(Math.abs(offset) / SECOND))} s`)];
  const mend = 'timedatectl set-ntp true';
  return [
    Math.abs(offset) < 5 * 60 * SECOND ? warn(`this machine’s clock is ${words}`, mend) : bad(`this machine’s clock is ${words}`, mend),
  ];
}
