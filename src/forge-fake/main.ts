import { parseArgs } from 'node:util';
import { watchParent } from './parent.ts';
import { startFakeGitHub } from './server.ts';

const USAGE = 'node src/forge-fake/main.ts --dir DIR --repo OWNER/NAME [--port N] [--parent-pid PID]';

/** Serves a fake GitHub until SIGTERM, SIGINT or the parent's end. Says one line of JSON when it is ready. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string' },
      repo: { type: 'string' },
      port: { type: 'string', default: '0' },
      'parent-pid': { type: 'string' },
    },
  });
  const [owner = '', name = '', ...rest] = (values.repo ?? '').split('/');
  const port = Number(values.port);
  if (values.dir === undefined || owner === '' || name === '' || rest.length > 0) throw new Error(`--dir and --repo are needed: ${USAGE}`);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port ${values.port} is no port: ${USAGE}`);
  const server = await startFakeGitHub({ dir: values.dir, port, repo: { owner, name } });
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    unwatch();
    server.close().catch(complain);
  };
  const unwatch = values['parent-pid'] === undefined ? () => undefined : watchParent(Number(values['parent-pid']), end);
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  process.stdout.write(`${JSON.stringify({ url: server.url, cloneUrl: server.cloneUrl, bare: server.bare, pid: process.pid })}\n`);
}

function complain(error: unknown): void {
  process.stderr.write(`fake GitHub: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

main().catch(complain);
