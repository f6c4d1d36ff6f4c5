import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plainShellWord } from '../../core/words/shell-word.ts';
import { ownFile } from '../../place/own-files.ts';
import type { DemoFolder } from '../ground/folder.ts';
import type { Verdict } from '../judge/judge.ts';
import { REPO } from '../world/forge.ts';
import type { Paint } from './screen.ts';

export interface Result {
  readonly ok: boolean;
  readonly seconds: number;
  readonly dir: string;
  readonly repository: string;
  /** The forge's address; it answers as long as the demo waits for a key. */
  readonly forge: string;
  /** What went wrong with the demo itself, if anything did. */
  readonly trouble: string | null;
  readonly fates: readonly Verdict[];
}

/** Each fate with its evidence. */
export function verdictText(result: Result, paint: Paint): string {
  const lines = [''];
  for (const { ok, task, shows, checks } of result.fates) {
    lines.push(`${ok ? paint('green', '✓') : paint('red', '✗')} ${paint('bold', (task ?? '').padEnd(8))} ${shows}`);
    const good = checks.filter((one) => one.ok).map((one) => one.text);
    if (good.length > 0) lines.push(paint('dim', `             ${good.join(' · ')}`));
    for (const one of checks) if (!one.ok) lines.push(`           ${paint('red', '✗')} ${one.text}`);
  }
  if (result.trouble !== null) lines.push('', paint('red', result.trouble));
  const failed = result.fates.filter((verdict) => !verdict.ok).length;
  const seconds = `${result.seconds.toFixed(1)} s`;
  const words = result.ok
    ? `every fate came out as it should (${seconds})`
    : failed === 0
      ? `the demo did not come to its end (${seconds})`
      : `${failed} of ${result.fates.length} did not come out as they should (${seconds})`;
  lines.push('', paint(result.ok ? 'green' : 'red', words), '');
  return `${lines.join('\n')}\n`;
}

/** What still answers: forge and page. */
export interface Served {
  /** A link that lets one browser in; null: the daemon gives none. */
  readonly page: string | null;
}

/** The commands as they can be pasted, also where tac8 is not on PATH. */
function programName(): string {
  const bin = ownFile('bin/tac8');
  return existsSync(bin) ? bin : 'tac8';
}

const tac8In = ({ widgets }: DemoFolder): string => `${plainShellWord(programName())} -C ${plainShellWord(widgets)}`;

/** A daemon that serves the page of this folder, once the demo's has ended. */
export const pageAgain = (folder: DemoFolder): string => `${tac8In(folder)} start`;

/** Where to look afterwards. `served` null: everything has ended. */
export function whereText(result: Result, folder: DemoFolder, served: Served | null, paint: Paint): string {
  const widgets = plainShellWord(folder.widgets);
  const tac8 = tac8In(folder);
  const branch = result.fates.find((verdict) => verdict.name === 'success')?.task ?? 'gh-1';
  const stopped = result.fates.find((verdict) => verdict.name === 'stopped')?.task ?? 'gh-1';
  const rows: readonly (readonly [string, string])[] = [
    [
      'page',
      served === null
        ? `${pageAgain(folder)}   (it has ended with the demo's daemon; this serves it again)`
        : (served.page ?? 'the daemon has ended'),
    ],
    ['pulls', served !== null ? `${result.forge}/${REPO}/pulls` : `${join(folder.forge, 'state.json')} (the forge is no longer served)`],
    ['branches', `git -C ${widgets} log --oneline --graph --all`],
    ['board', join(folder.widgets, 'tasks.md')],
    ['transcript', `${tac8} view ${branch}`],
    ['status', `${tac8} status`],
    ['logs', join(folder.widgets, 'logs', `${branch}.jsonl`)],
    ['saved work', `git -C ${widgets} for-each-ref refs/tac8   (${stopped} was stopped with its work uncommitted)`],
    ['metrics', join(folder.widgets, 'adws', 'metrics.json')],
    ['the agents’ own journals', folder.agents],
    ['the daemon said', folder.daemonLog],
    ['remove it all', `rm -r ${plainShellWord(folder.root)}`],
  ];
  return `${rows.map(([what, where]) => `${paint('bold', what.padEnd(26))}${where}`).join('\n')}\n`;
}
