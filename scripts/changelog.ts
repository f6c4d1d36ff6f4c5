/*
 * CHANGELOG.md as text: sections begin with `## [Unreleased]` or `## [1.2.3] - 2026-11-29`, entries with `- `. Pure.
 */

const UNRELEASED = 'Unreleased';

/** What stands below the heading of a version, or of `Unreleased`, without blank lines around it. Null where there is no such heading. */
export function section(changelog: string, version: string = UNRELEASED): string | null {
  const lines = changelog.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  if (from === -1) return null;
  const length = lines.slice(from + 1).findIndex((line) => line.startsWith('## '));
  const inside = lines.slice(from + 1, length === -1 ? undefined : from + 1 + length);
  return inside.join('\n').trim();
}

export const hasEntries = (text: string | null): boolean => /^[-*] \S/m.test(text ?? '');

/** The newest version that has a section, or null. */
export const newestVersion = (changelog: string): string | null => /^## \[(\d[^\]]*)\]/m.exec(changelog)?.[1] ?? null;

/**
 * The changelog with what was unreleased under the version and its day (YYYY-MM-DD), and a new empty section above it.
 * Throws where nothing is unreleased or the version has a section already.
 */
export function released(changelog: string, version: string, day: string): string {
  if (!hasEntries(section(changelog))) throw new Error(`CHANGELOG.md has no entry under [${UNRELEASED}]`);
  if (section(changelog, version) !== null) throw new Error(`CHANGELOG.md has a section [${version}] already`);
  return changelog.replace(/^## \[Unreleased\].*$/m, () => `## [${UNRELEASED}]\n\n## [${version}] - ${day}`);
}
