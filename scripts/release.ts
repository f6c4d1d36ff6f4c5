import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { hasEntries, newestVersion, released, section } from './changelog.ts';

/*
 * A release is `npm version minor`: npm runs `check` before it raises the version, `write` after, then commits and tags.
 * `notes [VERSION]` prints the section of a version, by default the newest. All work on the folder they are started in.
 */

const CHANGELOG = 'CHANGELOG.md';
const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();

const STEPS: Readonly<Record<string, (changelog: string, argument?: string) => void>> = {
  check(changelog) {
    const changes = git('status', '--porcelain');
    if (changes !== '') throw new Error(`commit or put aside first:\n${changes}`);
    if (!hasEntries(section(changelog))) throw new Error(`write into ${CHANGELOG} under [Unreleased] first what a user sees`);
  },
  write(changelog) {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    writeFileSync(CHANGELOG, released(changelog, version, new Date().toISOString().slice(0, 10)));
    git('add', CHANGELOG);
  },
  notes(changelog, version = newestVersion(changelog) ?? '') {
    const text = section(changelog, version);
    if (text === null) throw new Error(`${CHANGELOG} has no section of ${version === '' ? 'any version' : version}`);
    process.stdout.write(`${text}\n`);
  },
};

const [name = '', argument] = process.argv.slice(2);
try {
  const step = STEPS[name];
  if (step === undefined) throw new Error(`say one of: ${Object.keys(STEPS).join(', ')}`);
  step(readFileSync(CHANGELOG, 'utf8'), argument);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
