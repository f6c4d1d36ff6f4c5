import { join, resolve } from 'node:path';
import { openSqliteStore } from '../adapters/store/sqlite.ts';
import { loadConfig } from '../config/load.ts';
import { writeBundle } from '../doctor/bundle.ts';
import { examine } from '../doctor/examination.ts';
import { strictRedactor } from '../doctor/strict-redactor.ts';
import { findPlaceAnyway } from '../place.ts';
import { EXIT, Exit } from './exit-codes.ts';
import { statusJson } from './status-json.ts';
import { readStatus } from './status-report.ts';
import { version } from './version.ts';

const HISTORY = 500;

/** `tac8 doctor --bundle FILE`. Works also where the configuration or the database does not. */
export async function writeReport(from: string, file: string): Promise<void> {
  const env = process.env;
  const examination = await examine({ from, env, probe: false });
  const place = await findPlaceAnyway(from, env);
  const loaded = loadConfig(place.root, env);
  const settings = loaded.ok ? loaded.config : null;
  const target = resolve(file);
  const history = (): unknown => {
    const store = openSqliteStore({ path: place.database, readOnly: true });
    try {
      return store.history({ limit: HISTORY });
    } finally {
      store.close();
    }
  };
  const parts = {
    version: version(),
    examination,
    config: join(place.root, 'tac8.yaml'),
    log: join(place.logs, 'tac8.log'),
    metrics: join(place.root, settings?.metrics.file ?? 'adws/metrics.json'),
    status: () => statusJson(readStatus(place)),
    history,
    redact: strictRedactor(env, [
      ...(settings?.agent.env ?? []),
      settings?.github.tokenEnv ?? 'GITHUB_TOKEN',
      settings?.http.tokenEnv ?? 'TAC8_TOKEN',
    ]),
  };
  const names = await writeBundle(target, parts).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new Exit(EXIT.failed, `${target} is there already, and is not written over`, 'Name another file.');
  });
  process.stdout.write(
    `${target} is written: ${names.length} files, keys and tokens taken out. Look through it (tar -xzf) before you give it away.\n`,
  );
}
