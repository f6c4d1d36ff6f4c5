import { hostname } from 'node:os';
import { basename } from 'node:path';
import { createNotifier } from '../adapters/notify/notifier.ts';
import type { Settings } from '../config/settings.ts';
import type { Notifier } from '../engine/ports/outside/notifier.ts';

interface NotifierParts {
  readonly root: string;
  /** `owner/name`; null: no GitHub. */
  readonly repo: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read anew each time. */
  readonly settings: () => Settings;
}

/** Who is told what, as the settings have it now. */
export const composeNotifier = ({ root, repo, env, settings }: NotifierParts): Notifier =>
  createNotifier({
    settings: () => ({ channels: settings().notify, ping: settings().alerts.ping }),
    origin: { repo: repo ?? basename(root), host: hostname() },
    root,
    env,
  });
