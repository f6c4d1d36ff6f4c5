import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessIdentity } from '../../../core/model/run.ts';
import type { RunId } from '../../../core/model/task.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Launch } from '../../../engine/ports/machine/workers.ts';
import { writeWholeSync } from '../../../files/write-whole.ts';
import { findBwrap, writeBox } from '../box/bwrap.ts';
import { makeRunCgroup } from '../hold/cgroup.ts';
import { type Containment, TOOL_PATH, type Tools } from '../hold/containment.ts';
import { worksIn } from '../proc/namespace.ts';
import { isAlive, readStat } from '../proc/proc.ts';
import { complaint, folderOf, type RunFolder, readRunFolder } from '../proc/run-folder.ts';
import { PARENT_SCRIPT } from './parent-script.ts';
import { quoteLaunch } from './quote.ts';

const LAUNCH_LIMIT = 10_000;

/**
 * Starts the run's shell parent, which starts the agent unless another parent of this run already has; answers when the agent's identity is
 * on disk. Killed anywhere in here: the next call finds the folder as it is and comes to the same answer.
 */
export async function launchRun(
  runsDir: string,
  launch: Launch,
  { containment, tools, memory }: { readonly containment: Containment; readonly tools: Tools /** bytes */; readonly memory: number | null },
): Promise<ProcessIdentity> {
  const path = folderOf(runsDir, launch.run);
  if (readRunFolder(runsDir, launch.run).launched === 'no') {
    const env = wrapEnvironment(launch.env);
    writeFolder(path, launch, containment, tools, memory);
    // Out of a box nobody gets: there is no need to wait for what makes a subreaper.
    const before = launch.box === undefined ? (containment.subreaper ?? []) : [];
    const started = await startParent(path, launch.run, env, [...before, tools.sh, './parent']);
    return withParent(await awaitIdentity(runsDir, launch), started);
  }
  return awaitIdentity(runsDir, launch);
}

/** What the run's folder says of its parent is a claim: the number that the kernel told at the start is none. One that lost the race to launch is gone by then. */
function withParent(identity: ProcessIdentity, pid: number): ProcessIdentity {
  const startTime = readStat(pid)?.startTime;
  return startTime === undefined ? identity : { ...identity, parent: { pid, startTime } };
}

/** The identity that the agent's own process wrote before it became the agent; null where it is not written. */
export function identityOf(folder: RunFolder): ProcessIdentity | null {
  if (folder.agent === null) return null;
  const { pid, startTime, bootId, kind } = folder.agent;
  const born = { pid, startTime, bootId, ...parentOf(folder) };
  if (kind === 'cgroup' && folder.cgroup !== null) return { ...born, containment: { kind, path: folder.cgroup } };
  return { ...born, containment: { kind: kind === 'pidns' ? 'pidns' : 'sweep' } };
}

/** A claim, as all that stands in the folder: one that does not work there is not believed. */
function parentOf({ parent, path }: RunFolder): Pick<ProcessIdentity, 'parent'> {
  if (parent === null || !isAlive(parent) || !worksIn(parent.pid, path)) return {};
  return { parent: { pid: parent.pid, startTime: parent.startTime } };
}

function writeFolder(path: string, launch: Launch, containment: Containment, tools: Tools, memory: number | null): void {
  const cgroup = containment.cgroupBase === null ? '' : join(containment.cgroupBase, launch.run);
  const bwrap = launch.box === undefined ? '' : findBwrap();
  if (bwrap === null) throw noBox('bubblewrap is not installed');
  const borrows = containment.userns !== '' && bwrap === '';
  const values = {
    tac8__run: launch.run,
    tac8__task: launch.task,
    tac8__dir: path,
    tac8__cwd: launch.cwd,
    tac8__log: launch.log,
    tac8__stderr: launch.stderr,
    tac8__stdin: launch.stdin.kind,
    // A box is a process namespace of its own: it holds whatever the machine cannot hold better.
    tac8__kind: bwrap !== '' && containment.kind === 'sweep' ? 'pidns' : containment.kind,
    tac8__cgroup: cgroup,
    tac8__userns: containment.userns,
    // Who it becomes again once it has what was borrowed root for. A box borrows nothing, and lets nobody make user namespaces.
    tac8__uid: borrows ? String(process.getuid?.() ?? '') : '',
    tac8__gid: borrows ? String(process.getgid?.() ?? '') : '',
    tac8__count: String(Object.keys(launch.env).length),
    tac8__sh: tools.sh,
    tac8__setsid: tools.setsid,
    tac8__unshare: tools.unshare ?? '',
    tac8__mount: tools.mount ?? '',
    // A box has a view of its own already.
    tac8__cgroupmount: bwrap === '' ? (containment.cgroupMount ?? '') : '',
    tac8__reset: tools.reset.kind,
    tac8__resetter: tools.reset.path,
    tac8__box: bwrap,
    tac8__bridge: launch.box?.egress == null ? '' : 'yes',
  };
  const text = quoteLaunch(values, launch.argv);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (launch.box !== undefined) writeBox(path, launch.box);
  const unlimited = cgroup === '' ? null : makeRunCgroup(cgroup, containment.memory === null, memory);
  if (unlimited !== null) writeWholeSync(join(path, 'parent.err'), `its memory is not limited: ${unlimited}\n`);
  writeWholeSync(join(path, 'stdin'), launch.stdin.prompt);
  writeWholeSync(join(path, 'launch'), text);
  if (cgroup !== '') writeWholeSync(join(path, 'cgroup'), `${cgroup}\n`);
  writeWholeSync(join(path, 'parent'), PARENT_SCRIPT);
}

const noBox = (why: string): PortError =>
  new PortError('terminal', `the sandbox does not start: ${why}`, { hint: 'Install it, or write sandbox: { kind: none } in tac8.yaml.' });

/** The agent's environment under names of our own, so that nothing in it acts on the parent shell. */
function wrapEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const wrapped: Record<string, string> = { PATH: TOOL_PATH };
  for (const [index, [name, value]] of Object.entries(env).entries()) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('tac8__') || value.includes('\0')) {
      throw new PortError('terminal', `the environment variable ${JSON.stringify(name)} cannot be handed to an agent`, {
        hint: 'Names are letters, digits and _, do not begin with a digit or with tac8__; values hold no NUL character.',
      });
    }
    wrapped[`tac8__e${index}`] = `${name}=${value}`;
  }
  return wrapped;
}

function startParent(path: string, run: RunId, env: Record<string, string>, [program = '', ...words]: readonly string[]): Promise<number> {
  const complaints = openSync(join(path, 'parent.err'), 'a', 0o600);
  const started = Promise.withResolvers<number>();
  const failed = (error: unknown): void =>
    started.reject(
      new PortError('terminal', `the parent of ${run} cannot be started: ${messageOf(error)}`, {
        hint: 'Look at the size of the environment and of the prompt, and at the limits of the machine (ulimit -u).',
        cause: error,
      }),
    );
  try {
    const child = spawn(program, words, { cwd: path, env, detached: true, stdio: ['ignore', 'ignore', complaints] });
    child.once('error', failed);
    child.once('spawn', () => started.resolve(child.pid ?? 0));
    child.unref();
  } catch (error) {
    failed(error);
  } finally {
    closeSync(complaints);
  }
  return started.promise;
}

async function awaitIdentity(runsDir: string, launch: Launch): Promise<ProcessIdentity> {
  const deadline = performance.now() + LAUNCH_LIMIT;
  for (let wait = 1; ; wait = Math.min(wait * 1.5, 25)) {
    const folder = readRunFolder(runsDir, launch.run);
    const identity = identityOf(folder);
    if (identity !== null) return identity;
    if (folder.exit !== null || (folder.parent !== null && !isAlive(folder.parent) && wait > 20)) throw neverBecame(folder, launch);
    if (performance.now() > deadline) {
      throw new PortError(
        'unknown',
        `${launch.run} was launched but its agent has not come up within ${LAUNCH_LIMIT / 1000} s: ${complaint(folder.path)}`,
      );
    }
    await pause(wait);
  }
}

function neverBecame(folder: RunFolder, launch: Launch): PortError {
  const code = folder.exit === null ? 'its parent was killed' : `exit code ${folder.exit.code}`;
  return new PortError('terminal', `the agent of ${launch.run} did not come up (${code}): ${complaint(folder.path)}`, {
    hint: `Look at the log's folder (${launch.log}) and at ${folder.path}/parent.err.`,
  });
}
