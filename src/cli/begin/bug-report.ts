import { join, resolve } from 'node:path';
import { loadConfig } from '../../config/read/load.ts';
import { writeBundle } from '../../doctor/bundle.ts';
import { examine } from '../../doctor/examination.ts';
import { strictRedactor } from '../../doctor/strict-redactor.ts';
import { findPlaceAnyway } from '../../place/place.ts';
import { openStore } from '../../read/open.ts';
import { statusAt } from '../../read/status-at.ts';
import { statusJson } from '../../read/status-json.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { version } from '../ground/version.ts';

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
    const store = openStore(place);
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
    status: () => statusJson(statusAt(place), place.root),
    history,
    redact: strictRedactor(env, [
      ...(settings?.agent.env ?? []),
      settings?.github.tokenEnv ?? 'GITHUB_TOKEN',
      settings?.http.tokenEnv ?? 'TAC8_TOKEN',
    ]),
  };
  const names = await writeBundle(target, parts).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new Exit(EXIT.failed, `${target} exists already, and tac8 does not overwrite it`, 'Name another file.');
  });
  process.stdout.write(
    `${target} is written: ${names.length} files, with keys and tokens taken out. Look through it (tar -xzf) before you share it.\n`,
  );
}
