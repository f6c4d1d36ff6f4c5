import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { readListing, readProc, sendSignal } from '../proc/proc.ts';
import { enableMemory, limitMemory } from './memory.ts';

/** Where cgroup v2 is mounted (beside v1 too) and which of its directories is the mount's root, as mountinfo tells; null: nowhere. */
export function findMount(mountinfo: string): { readonly point: string; readonly root: string } | null {
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ');
    if (!right?.startsWith('cgroup2 ')) continue;
    const fields = (left ?? '').split(' ');
    const [root, point] = [fields[3], fields[4]].map((text) =>
      text?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
    if (root !== undefined && point !== undefined) return { point, root };
  }
  return null;
}

/**
 * The directories under which a run's cgroup could be made, nearest first: this process's own, so that workers of a tac8 that itself runs
 * in a worker are inside that worker's cgroup; then its ancestors.
 */
export function candidates(mount: { readonly point: string; readonly root: string }, selfCgroup: string): readonly string[] {
  const own = selfCgroup
    .split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice(3);
  if (own === undefined) return [];
  const inside = mount.root === '/' ? own : own === mount.root || own.startsWith(`${mount.root}/`) ? own.slice(mount.root.length) : null;
  if (inside === null || inside.split('/').includes('..')) return [mount.point];
  const found: string[] = [];
  for (let path = join(mount.point, inside); ; path = dirname(path)) {
    found.push(path.replace(/(.)\/$/, '$1'));
    if (path === mount.point || path === '/' || path === `${mount.point}/`) return found;
  }
}

/** Where runs' cgroups are made; `memory`: null where each can be given a limit, else why not. */
export interface Base {
  readonly path: string | null;
  readonly why: string;
  readonly memory: string | null;
}

/**
 * Makes `group` under the first directory where a process can really be moved into it; one where memory can be limited, too, goes before a
 * nearer one where it cannot.
 */
export function chooseBase(group: string): Base {
  const mount = findMount(readProc('/proc/self/mountinfo') ?? '');
  const none = { path: null, memory: 'there is no cgroup for each run' };
  if (mount === null) return { ...none, why: 'no cgroup v2 is mounted' };
  let why = `this process is in no cgroup below ${mount.point}`;
  let first: Base | null = null;
  for (const parent of candidates(mount, readProc('/proc/self/cgroup') ?? '')) {
    const path = join(parent, group);
    const refusal = tryBase(path);
    if (refusal !== null) {
      why = `cgroup v2 at ${parent} cannot be used: ${refusal}`;
      continue;
    }
    clearOld(path);
    const base = { path, why: `cgroup v2 is writable at ${parent}`, memory: tryMemory(path) };
    if (base.memory === null) return base;
    first ??= base;
    // Workers of a tac8 that itself runs in a worker stay inside that worker's cgroup.
    if (/\/tac8-[0-9a-f]{8}\/w-[^/]+$/.test(parent)) break;
  }
  return first ?? { ...none, why };
}

function tryMemory(path: string): string | null {
  try {
    makeCgroup(path);
    return enableMemory(path);
  } catch (error) {
    return messageOf(error);
  } finally {
    removeEmpty(path);
  }
}

/** A run's own cgroup, with its memory limited where `limits`. Answers why it is not limited, where it should be. */
export function makeRunCgroup(path: string, limits: boolean, most: number | null): string | null {
  let problem: string | null = null;
  for (let tries = 0; tries < 3; tries += 1) {
    // The common one is taken away with the last run's, maybe at this moment: then what was switched on in it is gone, too.
    makeCgroup(dirname(path));
    problem = limits ? enableMemory(dirname(path)) : null;
    makeCgroup(path);
    problem ??= limits ? limitMemory(path, most) : null;
    if (problem === null) return null;
    removeEmpty(path);
  }
  makeCgroup(path);
  return problem;
}

/**
 * The kernel lets a moment pass (10 to 20 ms) before it moves a process into a cgroup, unless it has just moved another. This moves this
 * process to where it is, so that the worker to come need not wait. Nothing depends on it.
 */
export async function rouseMoves(): Promise<void> {
  const mount = findMount(readProc('/proc/self/mountinfo') ?? '');
  const own = mount === null ? undefined : candidates(mount, readProc('/proc/self/cgroup') ?? '')[0];
  if (own === undefined || readProc(join(own, 'cgroup.procs'))?.split('\n').includes(String(process.pid)) !== true) return;
  await writeFile(join(own, 'cgroup.procs'), '0', { flag: 'r+' }).catch(() => undefined);
}

function tryBase(path: string): string | null {
  const probe = join(path, `probe-${process.pid}`);
  try {
    makeCgroup(probe);
    const moved = spawnSync('/bin/sh', ['-c', 'echo 0 >"$1/cgroup.procs"', 'sh', probe], { timeout: 5000, encoding: 'utf8', env: {} });
    return moved.status === 0 ? null : (moved.stderr || String(moved.error ?? 'the move failed')).trim();
  } catch (error) {
    return messageOf(error);
  } finally {
    clearCgroup(probe);
  }
}

/** Live processes in the cgroup and those below it; empty when the cgroup is gone. Zombies are not listed by the kernel. */
export function cgroupMembers(path: string): readonly number[] {
  const own = readListing(join(path, 'cgroup.procs'));
  if (own === null) return [];
  const pids = own.split('\n').filter(Boolean).map(Number);
  return isLeaf(path) ? pids : [...pids, ...below(path).flatMap(cgroupMembers)];
}

/** A cgroup's folder has one link more for each one below it: those without any need not be listed. */
const isLeaf = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.nlink === 2;

/** `gone`: removed, which the kernel allows only for an empty one; told apart from a mount that is not there. */
export function cgroupState(path: string): 'populated' | 'empty' | 'gone' | 'unreachable' {
  const events = readProc(join(path, 'cgroup.events'));
  if (events !== null) return events.includes('populated 1') ? 'populated' : 'empty';
  return existsSync(join(dirname(path), 'cgroup.procs')) || existsSync(join(dirname(dirname(path)), 'cgroup.procs'))
    ? 'gone'
    : 'unreachable';
}

/** Ends everything in it at once; on kernels before 5.14 process by process, to be called until it is empty. */
export function killCgroup(path: string): void {
  try {
    writeFileSync(join(path, 'cgroup.kill'), '1', { flag: 'r+' });
  } catch (error) {
    if (!existsSync(path)) return;
    if (existsSync(join(path, 'cgroup.kill'))) throw new PortError('unknown', `${path}/cgroup.kill cannot be written`, { cause: error });
    for (const pid of cgroupMembers(path)) sendSignal(pid, 'SIGKILL');
  }
}

/** Another run's end may take the common directory away at the same moment: then once more. */
function makeCgroup(path: string): void {
  for (let tries = 1; !existsSync(path); tries += 1) {
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      if (tries === 5) throw new PortError('retryable', `the cgroup ${path} cannot be made`, { cause: error });
    }
  }
}

/** Takes away what runs left whose folder was removed under them. A new one may be about to get its agent. */
function clearOld(base: string): void {
  for (const path of below(base)) {
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - made > 60_000) removeCgroup(path);
  }
}

/** Removes a run's cgroup, and the one common to this repository's runs when it was the last. */
export function clearCgroup(path: string): void {
  if (removeCgroup(path)) removeEmpty(dirname(path));
}

/** Removes it and those below it. One that still holds a process stays: the next look at the run tries again. */
function removeCgroup(path: string): boolean {
  for (const child of below(path)) removeCgroup(child);
  return removeEmpty(path);
}

function removeEmpty(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return !existsSync(path);
  }
}

function below(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  } catch {
    return []; // removed since
  }
}
