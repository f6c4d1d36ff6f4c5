import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppWanted, beginApp, type Making } from '../../compose/app/make-app.ts';
import { forgeAddress, siteOf } from '../../compose/forge-address.ts';
import { SILENT } from '../../compose/log.ts';
import { meaningNow } from '../../compose/remote/meaning.ts';
import { withApp } from '../../config/read/with-app.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import { openProject } from '../../place/project.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';
import { openInBrowser } from './browser.ts';

/** GitHub's code is good for an hour; whoever went away begins anew. */
const PATIENCE = 60 * 60_000;

/** Makes a GitHub App with a person at a browser, keeps its key, and writes its number into tac8.yaml. */
export async function makeApp(from: string, wanted: Pick<AppWanted, 'organisation' | 'webhook'>): Promise<void> {
  const project = await openProject(from, process.env);
  const { origin } = await meaningNow(project, process.env);
  const address = forgeAddress(project.settings, origin);
  if (address === null)
    throw new Exit(EXIT.refused, 'no GitHub repository: an App would have nothing to work on', 'Write `repo: owner/name` into tac8.yaml.');
  const site = siteOf(address.apiUrl);
  const making = await beginApp({ ...address, site, ...wanted }, process.env, SILENT);
  if (making === null) throw new Exit(EXIT.refused, 'there is no home folder to keep the App’s key in', 'Set HOME.');
  const patience = new AbortController();
  try {
    const tooLong = sleep(PATIENCE, undefined, { signal: patience.signal }).then(() => {
      throw new Exit(EXIT.failed, 'nobody made an App within an hour', '`tac8 init --app` begins anew.');
    });
    tooLong.catch(() => undefined);
    await Promise.race([tooLong, makeWithPerson(making, `${address.owner}/${address.name}`, join(project.root, 'tac8.yaml'))]);
  } finally {
    patience.abort();
    await making.close();
  }
}

async function makeWithPerson(making: Making, repo: string, file: string): Promise<void> {
  const isOpen = await openInBrowser(making.link, process.env);
  process.stdout.write(
    `\nA GitHub App for ${repo}: ${isOpen ? 'your browser shows' : 'open in your browser on this machine'}\n  ${making.link}\nOne click makes it, one installs it. Ctrl-C leaves.\n`,
  );
  const { id, slug, page } = await making.made;
  process.stdout.write(`${paint('green', 'made   ')} ${slug}; its key is in ${making.fileOf(id)}\n`);
  const text = withApp(readPlainSync(file, 1 << 20), id);
  if (text === null) process.stdout.write(`${paint('yellow', 'to do  ')} write \`app: ${id}\` below \`github:\` in tac8.yaml\n`);
  else {
    writeFileSync(file, text);
    process.stdout.write(`${paint('green', 'written')} app: ${id} in tac8.yaml\n`);
  }
  process.stdout.write(`Now install it on ${repo}: ${page}/installations/new\n`);
  await making.installed;
  process.stdout.write(`${paint('green', 'done   ')} ${slug} may work on ${repo}\n`);
}
