import { pathToFileURL } from 'node:url';
import { ownProgram } from '../../place/own-files.ts';
import { type Child, startLogged } from '../ground/child.ts';
import type { DemoFolder } from '../ground/folder.ts';

/** The real daemon, as anybody starts it. It ends itself when this process is gone without having ended it. */
export function startDaemon(folder: DemoFolder, env: Readonly<Record<string, string>>): Child {
  const main = ownProgram('main');
  const guard = pathToFileURL(ownProgram('demo/world/guard')).href;
  return startLogged(
    [process.execPath, '--disable-warning=ExperimentalWarning', '--import', guard, main, 'start'],
    folder.widgets,
    env,
    folder.daemonLog,
  );
}
