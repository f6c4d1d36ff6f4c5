import { type AppDesk, openAppDesk } from '../../adapters/github/app/desk.ts';
import { appFile } from '../../adapters/github/app/key.ts';
import { useProxies } from '../../adapters/machine/proxies.ts';
import type { Log } from '../../engine/ports/records/log.ts';

export interface AppWanted {
  readonly owner: string;
  readonly name: string;
  readonly apiUrl: string;
  /** Where people reach the forge. */
  readonly site: URL;
  readonly organisation: string | null;
  /** Where GitHub reaches this daemon; null: it does not. */
  readonly webhook: string | null;
}

export interface Making extends AppDesk {
  readonly fileOf: (id: number) => string;
}

const ASK_EVERY = 2_000;

/** Opens the page by which a person makes a GitHub App. Null: there is no home folder to keep its key in. */
export async function beginApp({ owner, name, ...wanted }: AppWanted, env: NodeJS.ProcessEnv, log: Log): Promise<Making | null> {
  const fileOf = (id: number): string => appFile(env, wanted.site.host, id) ?? '';
  if (fileOf(1) === '') return null;
  useProxies(env);
  const repo = { owner, name };
  const desk = await openAppDesk({ ...wanted, repo, fileOf, log, timeoutMs: 30_000, now: Date.now, askEvery: ASK_EVERY });
  return { ...desk, fileOf };
}
