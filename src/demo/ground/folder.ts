import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { startOf } from './process-table.ts';

/** Where everything of one demo is. Absolute, real paths. */
export interface DemoFolder {
  readonly root: string;
  /** The repository that tac8 works on. */
  readonly widgets: string;
  /** State, journal and git of the forge. */
  readonly forge: string;
  /** The agents' own journals. */
  readonly agents: string;
  /** HOME of everything that is started: empty. */
  readonly home: string;
  readonly daemonLog: string;
  readonly result: string;
}

const MARKER = 'tac8-demo.json';
const OURS = ['widgets', 'forge', 'agents', 'home', 'chaos', 'machines', 'daemon.log', 'result.json', MARKER];
const markerShape = z.object({ demo: z.literal('tac8'), pid: z.number(), start: z.number() });

/**
 * Makes the folder, or takes that of a former demo and empties it of what is the demo's. Throws when something else is in it, or
 * when its demo still runs.
 */
export function takeFolder(wanted: string | null): DemoFolder {
  const path = wanted === null ? mkdtempSync(join(tmpdir(), 'tac8-demo-')) : resolve(wanted);
  mkdirSync(path, { recursive: true });
  const root = realpathSync(path);
  clearFormer(root);
  const folder: DemoFolder = {
    root,
    widgets: join(root, 'widgets'),
    forge: join(root, 'forge'),
    agents: join(root, 'agents'),
    home: join(root, 'home'),
    daemonLog: join(root, 'daemon.log'),
    result: join(root, 'result.json'),
  };
  writeFileSync(join(root, MARKER), `${JSON.stringify({ demo: 'tac8', pid: process.pid, start: startOf(process.pid) })}\n`);
  for (const part of [folder.widgets, folder.forge, folder.agents, folder.home]) mkdirSync(part);
  return folder;
}

function clearFormer(root: string): void {
  const there = readdirSync(root);
  if (there.length === 0) return;
  const marker = existsSync(join(root, MARKER)) ? readMarker(join(root, MARKER)) : null;
  if (marker === null) throw new Error(`${root} is not empty and not the folder of a former demo: name another one with --dir`);
  if (startOf(marker.pid) === marker.start && marker.pid !== process.pid) {
    throw new Error(`a demo runs in ${root} (process ${marker.pid}): end it first, or name another folder with --dir`);
  }
  for (const name of OURS) rmSync(join(root, name), { recursive: true, force: true });
}

function readMarker(path: string): z.infer<typeof markerShape> | null {
  try {
    return markerShape.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // Something else of that name: not ours to clear away.
    return null;
  }
}
