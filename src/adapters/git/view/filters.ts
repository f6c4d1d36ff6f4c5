import { join } from 'node:path';
import { readSettings, type Setting } from './config-text.ts';
import { absent, readPlainText } from './files.ts';
import { writeSettings } from './harmless.ts';

/** From what `git config -z` says, those of the filters that are allowed, as text for settings of ours. */
export function filtersAmong(listed: string, allowed: readonly string[]): string {
  const settings = Buffer.from(listed, 'latin1')
    .toString('utf8')
    .split('\0')
    .flatMap((line): Setting[] => {
      const end = line.indexOf('\n');
      const key = end < 0 ? line : line.slice(0, end);
      const name = /^filter\.(.+)\.[a-z]+$/.exec(key)?.[1];
      return name !== undefined && allowed.includes(name) ? [[key, end < 0 ? 'true' : line.slice(end + 1)]] : [];
    });
  return writeSettings(settings);
}

const MAX = 1024 * 1024;

/** The filters that the repository's settings and attributes name, and that are not allowed. Sorted; a file that cannot be read names none. */
export async function filtersLeftOut(root: string, commonDir: string, allowed: readonly string[]): Promise<readonly string[]> {
  const read = (path: string): Promise<string> =>
    readPlainText(path, MAX)
      .catch(absent(''))
      .catch(() => '');
  const [config, ...attributes] = await Promise.all([
    read(join(commonDir, 'config')),
    read(join(commonDir, 'info/attributes')),
    read(join(root, '.gitattributes')),
  ]);
  const named = attributes.flatMap((text) => [...text.matchAll(/^[^#\n\r\u2028\u2029]*[ \t]filter=(\S+)/gm)].map(([, name = '']) => name));
  for (const [key] of readSettings(config) ?? []) {
    const name = /^filter\.(.+)\.(?:clean|smudge|process)$/.exec(key)?.[1];
    if (name !== undefined) named.push(name);
  }
  return [...new Set(named)].filter((name) => !allowed.includes(name)).sort();
}

/** What a person is told of it. */
export const leftOutWords = (names: readonly string[]): string =>
  `the repository names ${names.length === 1 ? 'the filter' : 'the filters'} ${names.join(', ')}, and tac8 runs no filter that tac8.yaml does not allow: ` +
  'it takes files as they are';

export const leftOutRemedy = (names: readonly string[]): string =>
  `write \`git: { filters: [${names.join(', ')}] }\` into tac8.yaml; the programs are those of your own settings (\`git config --global\`)`;
