import { join } from 'node:path';
import { openPlain } from '../../files/open-plain.ts';
import { readPageToken } from '../../http/guard/keys.ts';
import { findPlace } from '../../place/place.ts';
import { daemonAt } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { openInBrowser } from './browser.ts';

const PATIENCE = 10_000;

/** Asks the daemon for a link that lets one browser in, and opens or prints it. */
export async function showPage(from: string, options: { readonly open?: true; readonly json?: true }): Promise<void> {
  const place = await findPlace(from, process.env);
  if (daemonAt(place) === null) throw new Exit(EXIT.noDaemon, 'no daemon runs: nobody serves the page', '`tac8 start` starts one.');
  const token = readPageToken(place.state);
  const address = await addressIn(join(place.state, 'http.json'));
  if (token === null || address === null)
    throw new Exit(EXIT.failed, 'the daemon serves no page', 'logs/tac8.log says why; `http.enabled` in tac8.yaml switches it on.');
  const link = await newLink(address, token);
  const isOpen = options.open === true && (await openInBrowser(link, process.env));
  if (options.json === true) process.stdout.write(`${JSON.stringify({ url: link, opened: isOpen })}\n`);
  else process.stdout.write(isOpen ? `opened ${address}\n` : `${link}\n`);
}

async function newLink(address: string, token: string): Promise<string> {
  const answer = await fetch(`${address}/api/v1/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { url } = (await answer.json()) as { url?: unknown };
  // Whoever answers there leads to itself, and nowhere else.
  if (answer.ok && typeof url === 'string' && url.startsWith(`${address}/enter?code=`)) return url;
  throw new Exit(EXIT.failed, `the daemon at ${address} gives no link: ${answer.status}`);
}

/** Where the daemon serves; null: nowhere. */
async function addressIn(path: string): Promise<string | null> {
  try {
    const file = await openPlain(path);
    try {
      const { url } = JSON.parse(await file.readFile('utf8')) as { url?: unknown };
      return typeof url === 'string' && /^http:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]|[\w.:[\]-]+):\d+$/.test(url) ? url : null;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
