import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, startLogged } from './child.ts';
import type { DemoFolder } from './folder.ts';

/** The real daemon, as anybody starts it. It ends itself when this process is gone without having ended it. */
export function startDaemon(folder: DemoFolder, env: Readonly<Record<string, string>>): Child {
  const extension = extname(import.meta.filename);
  const main = fileURLToPath(new URL(`../main${extension}`, import.meta.url));
  const guard = new URL(`./guard${extension}`, import.meta.url).href;
  return startLogged(
    [process.execPath, '--disable-warning=ExperimentalWarning', '--import', guard, main, 'start'],
    folder.widgets,
    env,
    folder.daemonLog,
  );
}
